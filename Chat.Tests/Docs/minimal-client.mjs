// One user in one room: node --experimental-websocket minimal-client.mjs ws://localhost:8080/ws TOKEN lobby. Each line you type is sent.
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';

const [url, token, room] = process.argv.slice(2);
const outbox = []; // [{ id, text }]: the first is on its way, the next goes when that one is acked
let socket, position, joined, silence, pingSeconds = 20, failures = 0;

const write = (frame) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));
const sendFirst = () => joined && outbox.length > 0 && write({ type: 'send', room, ...outbox[0] });
const join = () => ((joined = false), write({ type: 'join', room, after: position }));
const show = ({ offset, author, text }) => console.log(`${offset} ${author}: ${text}`);

const handlers = {
  hello: (frame) => ((pingSeconds = frame.pingSeconds), join()),
  ping: () => write({ type: 'pong' }),
  joined(frame) {
    if (!frame.recovered) console.log('-- some messages are lost --');
    frame.messages.forEach(show);
    position = { epoch: frame.epoch, offset: frame.offset };
    joined = true;
    sendFirst();
  },
  message(frame) {
    if (!joined) return; // the answer to our join brings it
    if (frame.epoch !== position.epoch || frame.offset > position.offset + 1) return join();
    if (frame.offset <= position.offset) return;
    position.offset = frame.offset;
    show(frame);
  },
  ack: (frame) => frame.id === outbox[0]?.id && (outbox.shift(), sendFirst()),
  nack(frame) {
    if (frame.retryable) return setTimeout(sendFirst, frame.retryAfterMs ?? 1000);
    console.log(`-- refused: ${frame.message} --`);
    handlers.ack(frame);
  },
  error: (frame) => (['unavailable', 'rate_limited'].includes(frame.code) ? setTimeout(join, 1000) : console.log(frame.message)),
};

function connect() {
  const ws = (socket = new WebSocket(`${url}?access_token=${encodeURIComponent(token)}`));
  const stable = setTimeout(() => (failures = 0), 60_000);
  let over = false;
  const heard = () => (clearTimeout(silence), (silence = setTimeout(() => end(1006), (pingSeconds + 10) * 1000)));
  const end = (code) => {
    if (over) return; // given up after a silence: the close that follows late counts no more
    [over, joined] = [true, false];
    for (const timer of [silence, stable]) clearTimeout(timer);
    ws.close();
    if (code >= 4500 && code <= 4999) return console.log(`-- closed for good: ${code} --`), process.exit(1);
    const limit = Math.min(10_000, 250 * 2 ** failures++);
    setTimeout(connect, Math.random() * limit); // full jitter, after the cap
  };
  ws.onmessage = ({ data }) => {
    if (over) return;
    heard();
    const frame = JSON.parse(data);
    handlers[frame.type]?.(frame); // what it does not know, it ignores
  };
  [ws.onclose, ws.onerror] = [({ code }) => end(code), () => end(1006)];
  heard();
}

createInterface({ input: process.stdin }).on('line', (text) => (outbox.push({ id: randomUUID(), text }), outbox.length === 1 && sendFirst()));
connect();
