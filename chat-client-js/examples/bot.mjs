// Answers "!time" and counts the words of "!count …". Run it with: node bot.mjs http://localhost:8080 lobby
import { ChatClient, ChatError, developmentLogin } from '@chat/client';

const [url = 'http://localhost:8080', name = 'lobby'] = process.argv.slice(2);
const chat = new ChatClient({ url, token: developmentLogin(url, 'bot') });

chat.on('invited', ({ room }) => void chat.join(room).then(serve));
process.once('SIGINT', () => chat.close());

chat.connect();
await serve(await chat.join(name));

async function serve(room) {
  console.log(`In ${room.name}, with ${room.memberCount} here, at ${room.last?.offset ?? 0}.`);
  // From here on: what was said before is not for us.
  for await (const message of room.readMessages(room.last?.offset)) {
    const reply = message.author === chat.user ? undefined : answer(message.text);
    room.markRead(message.position.offset);
    if (reply === undefined) continue;
    try {
      const { offset } = await room.send(reply); // Over reconnects, with the same id: stored once.
      console.log(`Answered ${message.author} at ${offset}.`);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      console.log(`Not answered: ${error.message} (${error.code})`);
    }
  }
}

function answer(text) {
  if (text === '!time') return new Date().toISOString();
  if (text.startsWith('!count ')) return `${text.trim().split(/\s+/).length - 1} words`;
  return undefined;
}
