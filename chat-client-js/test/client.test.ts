import { describe, expect, test } from 'vitest';
import type { Message } from '../src/frames.js';
import { message, messages, wire } from './build.js';
import { FakeWorld, stateOf } from './world.js';

const ACK_WITHIN_MS = 10_000;

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
    const { client } = await world.inLobby(messages(1, 3));

    world.socket.message(message(5));
    world.socket.message(message(6));
    expect(world.socket.sent('join').slice(1)).toEqual([{ type: 'join', room: 'lobby', after: { epoch: 'e', offset: 3 } }]);
    world.socket.joined({ messages: messages(4, 6) });

    expect(stateOf(client).messages).toHaveLength(6);
  });

  test('that is never answered is asked for again, less and less often, and never given up', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    client.enter('secret');

    await world.alive(1_200_000);

    expect(world.socket.sent('join').length).toBeGreaterThan(30);
    expect(world.socket.sent('join').length).toBeLessThan(50);
  });

  test('says when its history could not be recovered', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby(messages(1, 3));
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    world.socket.joined({ recovered: false, messages: messages(900, 949) });

    expect(stateOf(client).break).toEqual({ at: 900, lost: { epoch: 'e', offset: 3 } });
  });

  test('reads a page of history at a time', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby(messages(51, 100));

    void room.history();
    void room.history();
    expect(world.socket.sent('history')).toEqual([{ type: 'history', room: 'lobby', before: 51, limit: 50 }]);
    world.socket.say({ type: 'history', room: 'lobby', messages: messages(1, 50).map(wire), more: false });

    expect(stateOf(client)).toMatchObject({ more: false, loadingHistory: false });
    expect(stateOf(client).messages).toHaveLength(100);
  });

  test('is refused by a bad name or when there are too many', async () => {
    const world = new FakeWorld();
    const client = await world.connected();
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello({ limits: { frameBytesMax: 16_384, textBytesMax: 10, roomsMax: 1 } });

    expect(() => client.enter('two words')).toThrow('1 to 64');
    expect(client.enter('a').name).toBe('a');
    expect(() => client.enter('b')).toThrow('1 rooms');
  });

  test('that somebody opened with us is announced, and joined when we want to', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();
    const invited: unknown[] = [];
    client.on('invited', (invitation) => invited.push(invitation));

    world.socket.say({ type: 'invite', room: 'dm:ada:bob', from: 'bob' });
    client.enter('dm:ada:bob');

    expect(invited).toEqual([{ room: 'dm:ada:bob', from: 'bob' }]);
    expect(world.socket.sent('join').at(-1)).toEqual({ type: 'join', room: 'dm:ada:bob' });
  });

  test('joined with a trace brings the hops of its messages', async () => {
    const world = new FakeWorld();
    const hops = [{ node: 'n1', step: 'received', at: '2026-11-24T04:00:00.000Z' }];
    const { client } = await world.inLobby([], { trace: true });

    world.socket.say({ ...wire(message(1)), hops });

    expect(world.socket.sent('join')).toEqual([{ type: 'join', room: 'lobby', trace: true }]);
    expect(stateOf(client).messages.at(-1)?.hops).toEqual(hops);
  });
});

function own(offset: number, id: string): Message {
  return message(offset, { id, author: 'ada' });
}

describe('a text of one’s own', () => {
  test('goes from pending to sent to the log', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();

    room.enqueue('hi');
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'pending' } }]);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'sent' } }]);
    world.socket.message(own(1, 'id1'));

    expect(client.store.get().outbox).toEqual([]);
  });

  test('is done as well when its own copy comes before the ack', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    room.enqueue('hi');
    room.enqueue('there');

    world.socket.message(own(1, 'id1'));
    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1', 'id2']);
    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });

    expect(client.store.get().outbox).toMatchObject([{ id: 'id2' }]);
  });

  test('written without a connection is sent after the room is joined again, in order', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby();
    world.socket.close(1006);
    room.enqueue('one');
    room.enqueue('two');
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
    const { room } = await world.inLobby();
    room.enqueue('hi');

    await world.alive(ACK_WITHIN_MS + 1_000);
    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1', 'id1']);
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();
    world.socket.joined();

    expect(world.socket.sent('send').map(({ id }) => id)).toEqual(['id1']);
  });

  test('that was stored before the connection broke is found in the replay, and not sent again', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    room.enqueue('hi');
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();

    world.socket.joined({ messages: [own(1, 'id1')] });

    expect(client.store.get().outbox).toEqual([]);
    expect(world.socket.sent('send')).toEqual([]);
  });

  test('refused for now is sent again when the node says so; refused for good waits for the person', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    room.enqueue('hi');
    world.socket.say({ type: 'nack', id: 'id1', code: 'rate_limited', message: 'Slow.', retryable: true, retryAfterMs: 2_000 });
    await world.pass(1_900);
    expect(world.socket.sent('send')).toHaveLength(1);
    await world.pass(2_000);
    expect(world.socket.sent('send')).toHaveLength(2);

    world.socket.say({ type: 'nack', id: 'id1', code: 'forbidden', message: 'No.', retryable: false });
    expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'failed', code: 'forbidden', reason: 'No.' } }]);
    client.retry('id1');

    expect(world.socket.sent('send')).toHaveLength(3);
  });

  test('is asked for its trace context at every try', async () => {
    const world = new FakeWorld();
    let spans = 0;
    const { room } = await world.inLobby([], { traceparent: () => `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0${++spans}` });

    room.enqueue('hi');
    await world.alive(ACK_WITHIN_MS + 1_000);

    expect(world.socket.sent('send').map(({ traceparent }) => String(traceparent).slice(-2))).toEqual(['01', '02']);
  });

  test('of an earlier life goes on with its id', async () => {
    const world = new FakeWorld();
    const entry = { id: 'old', room: 'lobby', text: 'hi', delivery: { state: 'pending' as const }, firstSentAt: world.now - 1, notBefore: 0 };

    await world.inLobby([], { outbox: [entry] });

    expect(world.socket.sent('send')).toEqual([{ type: 'send', room: 'lobby', id: 'old', text: 'hi' }]);
  });

  test('that is too long, in bytes and not in letters, is refused here', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();

    expect(() => room.enqueue('ü'.repeat(2_049))).toThrow('4096');
    expect(() => room.enqueue('\u0001'.repeat(4_000))).toThrow('too long');
    expect(() => room.enqueue('')).toThrow('nothing');
    expect(client.store.get().outbox).toEqual([]);
  });
});

describe('other people', () => {
  test('typing is said at most every few seconds, and shown for a while', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();

    for (let key = 0; key < 10; key += 1) {
      room.notifyTyping();
      await world.pass(400);
    }
    expect(world.socket.sent('typing')).toHaveLength(2);
    world.socket.say({ type: 'typing', room: 'lobby', user: 'bob' });
    world.socket.say({ type: 'typing', room: 'lobby', user: 'ada' });
    expect([...(stateOf(client).typing.keys())]).toEqual(['bob']);
    await world.pass(5_000);

    expect(stateOf(client).typing.size).toBe(0);
  });

  test('what was read is told once a second at most, and no further than what came', async () => {
    const world = new FakeWorld();
    const { room } = await world.inLobby(messages(1, 3));
    for (let offset = 0; offset <= 9; offset += 1) room.markRead(offset);
    expect(world.socket.sent('read')).toEqual([]);

    await world.pass(1_000);
    room.markRead(2);
    await world.pass(1_000);

    expect(world.socket.sent('read')).toEqual([{ type: 'read', room: 'lobby', offset: 3 }]);
    expect(room.unread).toBe(0);
  });

  test('a node that lacks a frame is no news; an error that nobody waits for is', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();
    const errors: string[] = [];
    client.on('error', ({ code, room }) => errors.push(`${code} ${String(room)}`));

    world.socket.refuse('unknown_type');
    world.socket.refuse('malformed', 'lobby');
    world.socket.refuse('bad_token');

    expect(errors).toEqual(['malformed lobby', 'bad_token undefined']);
  });

  test('a cut-off node shows until it is back', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();

    world.socket.say({ type: 'status', degraded: true });
    expect(client.store.get().degraded).toBe(true);
    world.socket.say({ type: 'status', degraded: false });

    expect(client.store.get().degraded).toBe(false);
  });
});
