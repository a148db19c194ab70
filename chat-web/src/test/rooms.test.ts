import { describe, expect, test } from 'vitest';
import { message, messages, wire } from '../../../chat-client-js/test/build';
import { FakeWorld, settled } from './world';

describe('rooms', () => {
  test('that others make appear within seconds', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    world.directory = ['new', 'lobby'];

    await world.alive(6_000);

    expect(page.state.directory).toEqual(['new', 'lobby']);
  });

  test('are refused by a bad name or when there are too many', async () => {
    const world = new FakeWorld();
    const page = await world.signedIn();
    world.socket.hello({ limits: { frameBytesMax: 16_384, textBytesMax: 10, roomsMax: 1 } });

    expect(page.enter('two words')).toContain('1 to 64');
    expect(page.enter('dm:bob:eve')).toContain('1 to 64');
    expect(page.enter('a')).toBeUndefined();
    expect(page.enter('b')).toContain('1 rooms');
    expect(page.state.active).toBe('a');
  });

  test('say why one may not enter', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    page.enter('secret');

    world.socket.refuse('forbidden', 'secret');

    expect(page.state.rooms.get('secret')).toMatchObject({ phase: 'refused', refusal: { message: 'No.' } });
    expect(page.state.notice).toBeUndefined();
  });

  test('out of view keep only their newest messages', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(1, 500) });

    page.enter('other');

    expect(page.state.rooms.get('lobby')?.messages).toHaveLength(200);
  });

  test('out of view do not grow for ever either', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(1, 300) });
    page.enter('other');

    for (let offset = 301; offset <= 1_000; offset += 1) world.socket.message(message(offset));

    expect(page.state.rooms.get('lobby')).toMatchObject({ more: true, last: { offset: 1_000 } });
    expect(page.state.rooms.get('lobby')?.messages.length).toBeLessThanOrEqual(400);
  });

  test('have addresses: Back and links lead to them', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    page.enter('other');
    expect(world.addresses).toEqual(['', '/room/lobby', '/room/other']);

    world.back();
    expect(page.state.active).toBe('lobby');
    world.go('/room/third');
    expect(page.state.active).toBe('third');
    world.go('/room/dm%3Abob%3Aeve');

    expect(page.state.active).toBe('third');
    expect([...page.state.rooms.keys()]).toEqual(['lobby', 'other', 'third']);
  });

  test('that were left, or the person has signed out of, are in the address no more', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    page.leave('lobby');
    expect(world.addresses.at(-1)).toBe('/');

    page.enter('other');
    page.signOut();

    expect(world.addresses.at(-1)).toBe('/');
  });

  test('in the address are entered on the way in, and what had to be said before stays said', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    world.socket.refuse('bad_token');
    expect(page.state.notice).toBe('No.');

    world.go('/room/linked');

    expect(page.state).toMatchObject({ active: 'linked', notice: 'No.' });
  });

  test('in the address are entered when somebody signs in', async () => {
    const world = new FakeWorld();
    world.addresses.push('/room/linked');

    const page = await world.signedIn();

    expect(page.state.active).toBe('linked');
    expect(world.addresses).toEqual(['', '/room/linked']);
  });
});

describe('the address of a message', () => {
  test('leads to it, however many pages it is back', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(151, 200) });
    world.go('/room/lobby/60');
    await settled();
    world.socket.say({ type: 'history', room: 'lobby', messages: messages(101, 150).map(wire), more: true });
    await settled();
    expect(page.state.sought).toBeUndefined();

    world.socket.say({ type: 'history', room: 'lobby', messages: messages(51, 100).map(wire), more: true });
    await settled();

    expect(page.state).toMatchObject({ sought: { room: 'lobby', offset: 60 }, inspected: 60, notice: undefined });
  });

  test('leads into the room first, when one signs in with it', async () => {
    const world = new FakeWorld();
    world.addresses.push('/room/linked/2');
    const page = await world.signedIn();
    world.socket.hello();
    world.socket.joined({ room: 'linked', messages: messages(1, 3).map((known) => ({ ...known, room: 'linked' })) });
    await settled();

    expect(page.state).toMatchObject({ active: 'linked', sought: { room: 'linked', offset: 2 } });
  });

  test.each([[9, 'not there yet'], [1, 'no longer there']])('says so when message %i is %s', async (offset) => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(2, 3) });
    world.go(`/room/lobby/${offset}`);
    await settled();
    if (offset === 1) world.socket.say({ type: 'history', room: 'lobby', messages: [], more: false });
    await settled();

    expect(page.state.sought).toBeUndefined();
    expect(page.state.notice).toContain(`Message ${offset} is not in this room`);
  });
});
