import { describe, expect, test } from 'vitest';
import { parseServerFrame } from '../src/protocol.js';
import { message, messages, wire } from './build.js';
import { FakeWorld, stateOf } from './world.js';

describe('a log that goes on in another epoch', () => {
  test('keeps the entries written before: they count at their offset', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby(messages(1, 3));
    const log = [...messages(1, 3, 'e'), message(4, { epoch: 'f' })];

    world.socket.joined({ epoch: 'f', offset: 4, recovered: false, messages: log });

    expect(stateOf(client).messages.slice(0).map(({ position }) => position)).toEqual(
      [1, 2, 3, 4].map((offset) => ({ epoch: 'f', offset })),
    );
  });

  test('has history of earlier epochs', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    world.socket.joined({ epoch: 'f', offset: 60, recovered: false, messages: messages(51, 60, 'f') });

    const page = room.history();
    world.socket.say({ type: 'history', room: 'lobby', messages: messages(1, 50, 'e').map(wire), more: false });

    expect(await page).toHaveLength(50);
    expect(stateOf(client)).toMatchObject({ more: false, last: { epoch: 'f', offset: 60 } });
    expect(stateOf(client).messages).toHaveLength(60);
  });

  test('is told of, once', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby(messages(1, 3));
    const lost: unknown[] = [];
    client.on('continuityLost', (event) => lost.push(event));

    world.socket.joined({ epoch: 'f', offset: 1, recovered: false, messages: messages(1, 1, 'f') });
    world.socket.message(message(2, { epoch: 'f' }));

    expect(lost).toEqual([{ room: 'lobby', from: { epoch: 'e', offset: 3 }, to: { epoch: 'f', offset: 1 } }]);
  });

  test('an ack from there does not hide the message before the room follows', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(1, 3));
    room.enqueue('hi');

    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'f', offset: 4 });
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'sent' } }]);
    world.socket.joined({ epoch: 'f', recovered: false, messages: messages(1, 4, 'f') });

    expect(client.store.get().outbox).toEqual([]);
  });
});

describe('a store that is away', () => {
  test('for minutes does not leave a room outside: joins go on, and at once when it is back', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    const joining = client.join('lobby');
    world.socket.say({ type: 'status', degraded: true });
    for (let refused = 0, second = 0; second < 300; second += 1) {
      for (; refused < world.socket.sent('join').length; refused += 1) world.socket.refuse('unavailable', 'lobby');
      await world.alive(1_000);
    }
    const during = world.socket.sent('join').length;
    expect(during).toBeGreaterThan(20);
    expect(during).toBeLessThan(100);

    world.socket.refuse('unavailable', 'lobby');
    world.socket.say({ type: 'status', degraded: false });
    await world.pass(2_000);
    expect(world.socket.sent('join')).toHaveLength(during + 1);
    world.socket.joined();

    expect((await joining).state?.phase).toBe('live');
  });

  test('while a hole is mended: nothing is sent without a membership, and it is asked for until it is there', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(1, 3));
    world.socket.message(message(5));
    expect(world.socket.sent('join')).toHaveLength(2);

    world.socket.refuse('unavailable', 'lobby');
    room.enqueue('hi');
    room.notifyTyping();
    room.markRead(3);
    await world.pass(3_000);
    expect(world.socket.sent('join').at(-1)).toEqual({ type: 'join', room: 'lobby', after: { epoch: 'e', offset: 3 } });
    expect([...world.socket.sent('send'), ...world.socket.sent('typing'), ...world.socket.sent('read')]).toEqual([]);
    world.socket.joined({ messages: messages(4, 5) });

    expect(world.socket.sent('send')).toHaveLength(1);
    expect(stateOf(client).messages).toHaveLength(5);
  });

  test('a membership that the node denies is asked for again, and the text waits for it', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(1, 3));
    room.enqueue('hi');

    world.socket.say({ type: 'nack', id: 'id1', code: 'not_joined', message: 'Join first.', retryable: false });
    expect(world.socket.sent('join')).toHaveLength(2);
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'pending' } }]);
    world.socket.joined({ offset: 3 });
    await world.pass(2_000);

    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1', 'id1']);
  });
});

describe('a refusal that names its room', () => {
  test('of a join, for good: the room says so, and so does the promise', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    const joining = client.join('dm:bob:eve');

    world.socket.refuse('forbidden', 'dm:bob:eve');

    await expect(joining).rejects.toMatchObject({ code: 'forbidden', room: 'dm:bob:eve' });
    expect(stateOf(client, 'dm:bob:eve')).toMatchObject({ phase: 'refused', refusal: { code: 'forbidden', message: 'No.' } });
    await world.alive(600_000);
    expect(world.socket.sent('join')).toHaveLength(1);
  });

  test('of a join, for good: whoever enters again asks again', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    client.enter('lobby');
    world.socket.refuse('too_many_rooms', 'lobby');

    client.enter('lobby');

    expect(world.socket.sent('join')).toHaveLength(2);
    expect(stateOf(client).phase).toBe('joining');
  });

  test('of history: it can be asked for again', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(51, 60));
    const page = room.history();

    world.socket.refuse('unavailable', 'lobby');

    await expect(page).rejects.toMatchObject({ code: 'unavailable' });
    expect(stateOf(client)).toMatchObject({ phase: 'live', loadingHistory: false });
    void room.history();
    expect(world.socket.sent('history')).toHaveLength(2);
  });

  test('history that is never answered, or was asked for on a lost connection, does not load for ever', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(51, 60));
    const unanswered = room.history();
    await world.pass(11_000);
    await expect(unanswered).rejects.toMatchObject({ code: 'timeout' });

    const lost = room.history();
    world.socket.close(1006);

    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    expect(stateOf(client).loadingHistory).toBe(false);
  });
});

describe('what one has read', () => {
  test('is nothing in a direct room that one has not seen: all of it is unread, and nobody is told otherwise', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();
    const room = client.enter('dm:ada:bob');

    world.socket.joined({ room: 'dm:ada:bob', messages: [message(1, { room: 'dm:ada:bob' }), message(2, { room: 'dm:ada:bob' })] });
    await world.pass(3_000);

    expect(world.socket.sent('read')).toEqual([]);
    expect(room.readPositions.size).toBe(0);
    expect(room.unread).toBe(2);
  });

  test('begins in an open room with what comes after entering, and nobody is told before it was seen', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby(messages(1, 5));
    await world.pass(3_000);
    expect(room.unread).toBe(0);

    world.socket.message(message(6));
    await world.pass(3_000);

    expect(room.unread).toBe(1);
    expect(world.socket.sent('read')).toEqual([]);
  });

  test('does not grow by writing from another device: only what one wrote oneself is not unread', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby();
    world.socket.message(message(1, { author: 'ada' }));
    expect(room.unread).toBe(0);

    world.socket.message(message(2));
    world.socket.message(message(3, { author: 'ada' }));
    await world.pass(3_000);

    expect(room.unread).toBe(2);
    expect(world.socket.sent('read')).toEqual([]);
  });
});

describe('a node that numbers nothing', () => {
  test('leaves what was shown in place when the connection comes back, and shows the break', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    world.socket.message(message(0, { id: 'a' }));
    world.socket.message(message(0, { id: 'b' }));
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    world.socket.joined({ recovered: false, offset: 0, messages: [] });
    world.socket.message(message(0, { id: 'c' }));

    expect(stateOf(client).messages.slice(0).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(stateOf(client).break).toMatchObject({ at: 3 });
    expect(room.last?.offset).toBe(3);
  });
});

describe('rooms by the dozen', () => {
  test('typing in one does not silence another', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    const other = client.enter('other');
    world.socket.joined({ room: 'other' });

    room.notifyTyping();
    other.notifyTyping();
    other.notifyTyping();

    expect(world.socket.sent('typing').map(({ room: name }) => name)).toEqual(['lobby', 'other']);
  });

  test('what one pages back through is limited too', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(951, 1_000), { messagesMax: 120 });

    for (let before = 951; before > 700; before -= 50) {
      void room.history();
      world.socket.say({ type: 'history', room: 'lobby', messages: messages(before - 50, before - 1).map(wire), more: true });
    }

    expect(stateOf(client).messages).toHaveLength(120);
    expect(stateOf(client).messages.at(0)?.position.offset).toBe(881);
    expect(world.socket.sent('history')).toHaveLength(2);
  });

  test('a room nobody looks at can let go of what it holds, and read it again', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(1, 500));

    room.trim(100);

    expect(stateOf(client)).toMatchObject({ more: true, last: { offset: 500 } });
    expect(stateOf(client).messages.at(0)?.position.offset).toBe(401);
  });
});

test('one entry that cannot be read takes its place and hides no other', () => {
  const frame = { type: 'joined', room: 'lobby', epoch: 'e', offset: 3, recovered: true, members: [],
    messages: [wire(message(1)), { ...wire(message(2)), text: 7 }, wire(message(3)), 'rubbish'] };

  const parsed = parseServerFrame(JSON.stringify(frame), 100_000);

  expect(parsed.ok && parsed.frame.type === 'joined' && parsed.frame.messages.map(({ position, unreadable }) => [position.offset, unreadable])).toEqual(
    [[1, undefined], [2, true], [3, undefined]],
  );
});
