import { describe, expect, test } from 'vitest';
import { message } from '../../../chat-client-js/test/build';
import { EXPORTER_DEFAULTS, Exporter } from '../trace/exporter';
import { encodeSpans } from '../trace/otlp';
import { parseTraceparent, type Span } from '../trace/span';
import { attributesOf, inside, read, spansIn, textAt, type ReadSpan } from './protobuf';
import { FakeWorld, settled } from './world';

const STORED = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACEPARENT = `00-${STORED.traceId}-${STORED.spanId}-01`;

const SPAN: Span = {
  ...STORED, parentSpanId: '1111111111111111', name: 'send lobby', kind: 4, startMs: 1_700_000_000_000.25, endMs: 1_700_000_000_004,
  attributes: { 'messaging.message.id': 'c1', 'chat.tries': 300, 'chat.ratio': 0.5 },
};

describe('a span in protobuf', () => {
  test('reads back as it was, to the microsecond, with its resource', () => {
    const body = encodeSpans({ 'service.name': 'browser' }, 'chat-web', [SPAN, { ...SPAN, error: 'forbidden' }]);

    const [resource] = inside(read(body), 1);
    const [first, second] = spansIn(body);
    expect(attributesOf(inside(resource ?? new Map(), 1)[0] ?? new Map(), 1)).toEqual(new Map([['service.name', 'browser']]));
    expect(first).toMatchObject({ ...STORED, parent: '1111111111111111', name: 'send lobby', kind: 4, status: undefined });
    expect([first?.start, first?.end]).toEqual([1_700_000_000_000_250_000n, 1_700_000_000_004_000_000n]);
    expect(first?.attributes.get('chat.tries')).toBe(300);
    expect([second?.attributes.get('error.type'), second?.status]).toEqual(['forbidden', 2n]);
    expect(textAt(inside(inside(resource ?? new Map(), 2)[0] ?? new Map(), 1)[0], 1)).toBe('chat-web');
  });
});

test.each([
  [TRACEPARENT, true], [undefined, false], ['', false], [TRACEPARENT.replace(/01$/, '00'), false], [TRACEPARENT.toUpperCase(), false],
  [`00-${'0'.repeat(32)}-${STORED.spanId}-01`, false], [`${TRACEPARENT}-more`, false],
])('a trace context is followed only if it is valid and recorded: %s', (text, followed) => {
  expect(parseTraceparent(text) !== undefined).toBe(followed);
});

describe('the exporter', () => {
  test('sends what gathers together, waits longer after each failure, and loses the oldest beyond its limit', async () => {
    const world = new FakeWorld();
    const sent: number[] = [];
    let fails = false;
    const exporter = new Exporter(
      { after: world.environment.after, post: async (body) => { sent.push(spansIn(body).length); if (fails) throw new Error('away'); } },
      {}, { ...EXPORTER_DEFAULTS, batchSpans: 3, queueSpansMax: 4 },
    );

    exporter.add(SPAN);
    exporter.add(SPAN);
    expect(sent).toEqual([]);
    await world.pass(1_000);
    expect(sent).toEqual([2]);

    fails = true;
    for (let count = 0; count < 10; count += 1) exporter.add(SPAN);
    await world.pass(30_000);
    const tries = sent.length;
    expect(tries).toBeLessThan(8);

    fails = false;
    await world.pass(60_000);
    expect(sent.slice(tries)).toEqual([3, 1]);
  });
});

async function traced(): Promise<{ world: FakeWorld; spans: () => readonly ReadSpan[] }> {
  const world = new FakeWorld();
  const bodies: Uint8Array[] = [];
  world.collector = async (body) => void bodies.push(body);
  await settled();
  return { world, spans: () => bodies.flatMap(spansIn) };
}

describe('the trace of a message', () => {
  test('begins with the send, under one span however often it goes out, and ends when it is stored', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby();

    page.send('lobby', 'secret words');
    const [sent] = world.socket.sent('send');
    world.socket.say({ type: 'nack', id: 'id1', code: 'rate_limited', message: 'Slowly.', retryable: true, retryAfterMs: 100 });
    await world.pass(2_000);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });
    await world.pass(2_000);

    const [span] = spans();
    expect(spans()).toHaveLength(1);
    expect(span).toMatchObject({ name: 'send lobby', kind: 4, parent: '', status: undefined });
    expect(world.socket.sent('send').map(({ traceparent }) => traceparent)).toEqual([sent?.['traceparent'], sent?.['traceparent']]);
    expect(sent?.['traceparent']).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
    expect(span?.attributes.get('chat.tries')).toBe(2);
    expect((span?.end ?? 0n) - (span?.start ?? 0n)).toBeGreaterThan(1_000_000_000n);
    expect(JSON.stringify([...(span?.attributes ?? [])])).not.toContain('secret');
  });

  test('says what a message failed of', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby();

    page.send('lobby', 'hi');
    world.socket.say({ type: 'nack', id: 'id1', code: 'forbidden', message: 'No.', retryable: false });
    await world.pass(2_000);

    expect(spans()[0]).toMatchObject({ name: 'send lobby', status: 2n });
    expect(spans()[0]?.attributes.get('error.type')).toBe('forbidden');
  });

  test('ends on the screen of whoever receives it, as a child of its storing', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby();
    const frame = { type: 'message', room: 'lobby', epoch: 'e', offset: 1, id: 'b1', author: 'bob', text: 'hi', sentAt: '2026-11-24T04:00:00.000Z', node: 'n2', traceparent: TRACEPARENT };

    world.socket.say(frame);
    const shown = page.state.rooms.get('lobby')?.messages.at(0);
    if (shown) page.journeys.drawn(shown, 'n1');
    if (shown) page.journeys.drawn(shown, 'n1');
    await world.pass(2_000);

    expect(spans()).toHaveLength(1);
    expect(spans()[0]).toMatchObject({ name: 'render lobby', kind: 5, traceId: STORED.traceId, parent: STORED.spanId });
    expect(spans()[0]?.attributes.get('chat.position.offset')).toBe(1);
  });

  test('has no render where the join brought the message, or nobody records it', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby({ messages: [message(1, { traceparent: TRACEPARENT })] });
    world.socket.message(message(2));

    for (const shown of page.state.rooms.get('lobby')?.messages.slice(0) ?? []) page.journeys.drawn(shown, 'n1');
    await world.pass(2_000);

    expect(spans()).toEqual([]);
  });

  test('keeps the users of a direct room to itself', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby();
    page.enterDirect('bob');
    world.socket.say({ type: 'joined', room: 'dm:ada:bob', epoch: 'e', offset: 0, recovered: true, messages: [], members: [] });

    page.send('dm:ada:bob', 'between us');
    world.socket.say({ type: 'ack', id: 'id1', room: 'dm:ada:bob', epoch: 'e', offset: 1 });
    await world.pass(2_000);

    expect(spans()[0]?.name).toBe('send dm:{user}:{user}');
    expect(JSON.stringify([...(spans()[0]?.attributes ?? [])])).not.toContain('bob');
  });

  test('is bounded: a flood makes no more spans than the page allows itself', async () => {
    const { world, spans } = await traced();
    const page = await world.onLobby();
    for (let offset = 1; offset <= 300; offset += 1) {
      world.socket.say({ type: 'message', room: 'lobby', epoch: 'e', offset, id: `b${offset}`, author: 'bob', text: 'x', sentAt: '', node: 'n', traceparent: TRACEPARENT });
    }

    for (const shown of page.state.rooms.get('lobby')?.messages.slice(0) ?? []) page.journeys.drawn(shown, 'n1');
    await world.pass(5_000);

    expect(spans().length).toBe(50);
  });
});
