import { describe, expect, test } from 'vitest';
import { ChatClient } from '../connection/client';
import { ACK_WITHIN_MS } from '../connection/sender';
import type { Message } from '../frames';
import { message, messages, wire } from './build';
import { FakeWorld, memoryStorage, savedTexts } from './world';

describe('a room', () => {
  test('is joined, and again from its last position on the next connection', async () => {
    const world = new FakeWorld();
    await world.inLobby(messages(1, 3));
    expect(world.socket.sent('join')).toEqual([{ type: 'join', room: 'lobby' }]);

    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    expect(world.socket.sent('join')).toEqual([{ type: 'join', room: 'lobby', after: { epoch: 'e', offset: 3 } }]);
  });

  test('with a hole is joined again from before it, once', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby(messages(1, 3));

    world.socket.message(message(5));
    world.socket.message(message(6));
    expect(world.socket.sent('join').slice(1)).toEqual([{ type: 'join', room: 'lobby', after: { epoch: 'e', offset: 3 } }]);
    world.socket.joined({ messages: messages(4, 6) });

    expect(client.store.get().rooms.get('lobby')?.messages).toHaveLength(6);
  });

  test('that is never answered is asked for again, but not for ever', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello({ pingSeconds: 0 });
    client.enter('secret');

    await world.pass(3_600_000);

    expect(world.socket.sent('join')).toHaveLength(5);
  });

  test('says when its history could not be recovered', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby(messages(1, 3));
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    world.socket.joined({ recovered: false, messages: messages(900, 949) });

    expect(client.store.get().rooms.get('lobby')?.break).toEqual({ at: 900, lost: { epoch: 'e', offset: 3 } });
  });

  test('reads a page of history at a time', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby(messages(51, 100));

    client.loadEarlier('lobby');
    client.loadEarlier('lobby');
    expect(world.socket.sent('history')).toEqual([{ type: 'history', room: 'lobby', before: 51, limit: 50 }]);
    world.socket.say({ type: 'history', room: 'lobby', messages: messages(1, 50).map(wire), more: false });

    expect(client.store.get().rooms.get('lobby')).toMatchObject({ more: false, loadingHistory: false });
    expect(client.store.get().rooms.get('lobby')?.messages).toHaveLength(100);
  });

  test('is refused by a bad name or when there are too many', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello({ limits: { frameBytesMax: 16_384, textBytesMax: 10, roomsMax: 1 } });

    expect(client.enter('two words')).toContain('1 to 64');
    expect(client.enter('a')).toBeUndefined();
    expect(client.enter('b')).toContain('1 rooms');
  });

  test('that somebody opened with us appears without taking over', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    world.socket.say({ type: 'invite', room: 'dm:ada:bob', from: 'bob' });

    expect(client.store.get().active).toBe('lobby');
    expect(world.socket.sent('join').at(-1)).toEqual({ type: 'join', room: 'dm:ada:bob' });
  });
});

function own(offset: number, id: string): Message {
  return message(offset, { id, author: 'ada' });
}

describe('a text of one’s own', () => {
  test('goes from pending to sent to the log', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    client.send('lobby', 'hi');
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'pending' } }]);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'sent' } }]);
    world.socket.message(own(1, 'id1'));

    expect(client.store.get().outbox).toEqual([]);
  });

  test('is done as well when its own copy comes before the ack', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    client.send('lobby', 'hi');
    client.send('lobby', 'there');

    world.socket.message(own(1, 'id1'));
    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1', 'id2']);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });

    expect(client.store.get().outbox).toMatchObject([{ id: 'id2' }]);
  });

  test('written without a connection is sent after the room is joined again, in order', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    world.socket.close(1006);
    client.send('lobby', 'one');
    client.send('lobby', 'two');
    await world.pass(250);
    world.socket.hello();
    expect(world.socket.sent('send')).toEqual([]);

    world.socket.joined();
    expect(world.socket.sent('send')).toEqual([{ type: 'send', room: 'lobby', id: 'id1', text: 'one' }]);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });

    expect(world.socket.sent('send').at(-1)).toEqual({ type: 'send', room: 'lobby', id: 'id2', text: 'two' });
  });

  test('without an ack goes out again with the same id, on this connection and on the next', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    client.send('lobby', 'hi');

    await world.pass(ACK_WITHIN_MS + 1_000);
    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1', 'id1']);
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();
    world.socket.joined();

    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1']);
  });

  test('that was stored before the connection broke is found in the replay, and not sent again', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    client.send('lobby', 'hi');
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    world.socket.joined({ messages: [own(1, 'id1')] });

    expect(client.store.get().outbox).toEqual([]);
    expect(world.socket.sent('send')).toEqual([]);
  });

  test('refused for now is sent again when the node says so; refused for good waits for the person', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    client.send('lobby', 'hi');
    world.socket.say({ type: 'nack', id: 'id1', code: 'rate_limited', message: 'Slow.', retryable: true, retryAfterMs: 2_000 });
    await world.pass(1_900);
    expect(world.socket.sent('send')).toHaveLength(1);
    await world.pass(2_000);
    expect(world.socket.sent('send')).toHaveLength(2);

    world.socket.say({ type: 'nack', id: 'id1', code: 'not_member', message: 'No.', retryable: false });
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'failed', reason: 'No.' } }]);
    client.retry('id1');

    expect(world.socket.sent('send')).toHaveLength(3);
  });

  test('survives a reload', async () => {
    const storage = memoryStorage();
    const before = new FakeWorld(storage);
    const client = await before.inLobby();
    client.send('lobby', 'hi');
    expect(savedTexts(storage)).toEqual(['hi']);

    const after = new FakeWorld(storage);
    const reloaded = new ChatClient(after.environment());
    reloaded.start();
    await after.pass(0);
    after.socket.hello();
    after.socket.joined();

    expect(after.logins).toBe(0);
    expect(after.socket.sent('send')).toEqual([{ type: 'send', room: 'lobby', id: 'id1', text: 'hi' }]);
  });

  test('that is too long, in bytes and not in letters, is refused here', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    expect(client.send('lobby', 'ü'.repeat(2_049))).toContain('4096');
    expect(client.send('lobby', '\u0001'.repeat(4_000))).toContain('too long');
    expect(client.store.get().outbox).toEqual([]);
  });
});

describe('other people', () => {
  test('typing is said at most every few seconds, and shown for a while', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    for (let key = 0; key < 10; key += 1) {
      client.typing('lobby');
      await world.pass(400);
    }
    expect(world.socket.sent('typing')).toHaveLength(2);
    world.socket.say({ type: 'typing', room: 'lobby', user: 'bob' });
    world.socket.say({ type: 'typing', room: 'lobby', user: 'ada' });
    expect([...(client.store.get().rooms.get('lobby')?.typing.keys() ?? [])]).toEqual(['bob']);
    await world.pass(5_000);

    expect(client.store.get().rooms.get('lobby')?.typing.size).toBe(0);
  });

  test('what is in view counts as read and is told once a second; what is not, does not', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby(messages(1, 3));
    await world.pass(1_000);
    expect(world.socket.sent('read')).toEqual([{ type: 'read', room: 'lobby', offset: 3 }]);

    world.visible = false;
    world.socket.message(message(4));
    await world.pass(2_000);
    expect(world.socket.sent('read')).toHaveLength(1);
    world.visible = true;
    client.setAtBottom('lobby', false);
    await world.pass(2_000);
    expect(world.socket.sent('read')).toHaveLength(1);
    client.setAtBottom('lobby', true);
    await world.pass(1_000);

    expect(world.socket.sent('read').at(-1)).toEqual({ type: 'read', room: 'lobby', offset: 4 });
  });

  test('a node that lacks a frame is no news; any other error is', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    world.socket.say({ type: 'error', code: 'unknown_frame', message: 'What?' });
    expect(client.store.get().notice).toBeUndefined();
    world.socket.say({ type: 'error', code: 'bad_room', message: 'Not this room.' });

    expect(client.store.get().notice).toBe('Not this room.');
  });

  test('a cut-off node shows until it is back', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();

    world.socket.say({ type: 'status', degraded: true });
    expect(client.store.get().degraded).toBe(true);
    world.socket.say({ type: 'status', degraded: false });

    expect(client.store.get().degraded).toBe(false);
  });
});

test('signing out leaves nothing behind', async () => {
  const storage = memoryStorage();
  const world = new FakeWorld(storage);
  const client = await world.inLobby();
  client.send('lobby', 'hi');

  client.signOut();
  await world.pass(60_000);

  expect(world.sockets).toHaveLength(1);
  expect(world.socket.closedWith).toBe(1000);
  expect([storage.get('chat.session'), storage.get('chat.tab')]).toEqual([null, null]);
});
