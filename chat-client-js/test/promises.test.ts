import { describe, expect, test } from 'vitest';
import { ChatClient } from '../src/chatClient.js';
import { message, messages, wire } from './build.js';
import { FakeWorld } from './world.js';

describe('promises', () => {
  test('join gives the room once the node has answered', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    const joining = client.join('lobby');

    world.socket.joined({ messages: messages(1, 3), members: ['ada', 'bob'] });
    const room = await joining;

    expect(room.last).toEqual({ epoch: 'e', offset: 3 });
    expect([...(room.members ?? [])]).toEqual(['ada', 'bob']);
    expect((await client.join('lobby')).name).toBe('lobby');
  });

  test('send gives the position, from the ack or from its own copy', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby();
    const [first, second] = [room.send('one'), room.send('two')];

    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });
    world.socket.message(message(1, { id: 'id1', author: 'ada' }));
    world.socket.message(message(2, { id: 'id2', author: 'ada' }));

    expect(await Promise.all([first, second])).toEqual([{ epoch: 'e', offset: 1 }, { epoch: 'e', offset: 2 }]);
  });

  test('send fails when the message is refused, or when the room is left', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    const [refused, left] = [room.send('one'), room.send('two')];

    world.socket.say({ type: 'nack', id: 'id1', code: 'forbidden', message: 'No.', retryable: false });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    room.leave();

    await expect(left).rejects.toMatchObject({ code: 'not_joined' });
    expect(client.store.get().outbox).toEqual([]);
    await expect(room.send('three')).rejects.toMatchObject({ code: 'not_joined' });
  });

  test('whoever waits is told when the client ends, by itself or by the node', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    const [sending, joining] = [room.send('one'), client.join('other')];
    world.socket.close(4502);
    await expect(sending).rejects.toMatchObject({ code: 'closed', message: expect.stringContaining('removed') as unknown });
    await expect(joining).rejects.toMatchObject({ code: 'closed' });

    const again = room.send('two');
    client.close();

    await expect(again).rejects.toMatchObject({ code: 'closed' });
    expect(client.status).toEqual({ state: 'closed' });
    await world.pass(600_000);
    expect(world.sockets).toHaveLength(1);
  });

  test('history gives the page it has put in front', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby(messages(51, 60));
    const page = room.history(10);

    world.socket.say({ type: 'history', room: 'lobby', messages: messages(41, 50).map(wire), more: true });

    expect((await page).map(({ position }) => position.offset)).toEqual(messages(41, 50).map(({ position }) => position.offset));
    expect(room.state?.messages).toHaveLength(20);
  });

  test('readMessages gives each message once and in order, over a reconnect, until the room is left', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby(messages(1, 3));
    const read: number[] = [];
    const reading = (async () => {
      for await (const { position } of room.readMessages(1)) read.push(position.offset);
    })();
    await world.pass(0);
    world.socket.message(message(4));
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();
    world.socket.joined({ messages: messages(5, 7) });
    await world.pass(0);

    room.leave();
    await reading;

    expect(read).toEqual([2, 3, 4, 5, 6, 7]);
  });
});

test.each([
  { backoffMinMs: 0 }, { messagesMax: -1 }, { ackTimeoutMs: Number.NaN }, { backoffMinMs: 10, backoffMaxMs: 5 }, { retryMinMs: 20_000 }, { joinTimeoutMs: 60_000 },
  { safeRetryMs: 9_000 },
])('options that make no sense are refused at once: %j', (changes) => {
  expect(() => new ChatClient(new FakeWorld().options(changes))).toThrow(RangeError);
});

describe('what waited elsewhere', () => {
  test('is sent under its id, once, behind what waits here; what is too old is not', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    room.enqueue('own', 'own');
    const entry = { room: 'lobby', delivery: { state: 'pending' }, notBefore: 0 } as const;

    client.takeUp([
      { ...entry, id: 'own', text: 'another text', firstSentAt: undefined },
      { ...entry, id: 'new', text: 'new', firstSentAt: undefined },
      { ...entry, id: 'old', text: 'old', firstSentAt: world.now - 600_000 },
    ]);
    world.socket.say({ type: 'ack', id: 'own', room: 'lobby', epoch: 'e', offset: 1 });

    expect(world.socket.sent('send').map(({ id, text }) => [id, text])).toEqual([['own', 'own'], ['new', 'new']]);
    expect(client.store.get().outbox.find(({ id }) => id === 'old')?.delivery).toMatchObject({ state: 'failed', code: 'unknown_outcome' });
  });
});
