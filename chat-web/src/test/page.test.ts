import { describe, expect, test } from 'vitest';
import { message, messages, wire } from '../../../chat-client-js/test/build';
import { titleOf } from '../page/pageState';
import { failingStorage, FakeWorld, memoryStorage, refused, savedTexts } from './world';

describe('a person', () => {
  test('signs in, and sees why that was not possible', async () => {
    const world = new FakeWorld();
    world.loginError = refused();
    const page = await world.signedIn();
    expect(await page.signIn('a b')).toBe('Refused.');
    world.loginError = new Error('no network');
    expect(await page.signIn('ada')).toContain('cannot be reached');
    world.loginError = undefined;

    expect(await page.signIn('ada')).toBeUndefined();

    expect(page.state.user).toBe('ada');
  });

  test('signs out, and leaves nothing behind', async () => {
    const storage = memoryStorage();
    const world = new FakeWorld(storage);
    const page = await world.onLobby();
    page.send('lobby', 'hi');
    page.write('lobby', 'draft');

    page.signOut();
    await world.pass(60_000);

    expect(world.sockets).toHaveLength(1);
    expect(world.socket.closedWith).toBe(1000);
    expect([storage.get('chat.session'), storage.get('chat.tab')]).toEqual([null, null]);
    expect(page.state).toMatchObject({ user: undefined, troubled: false });
  });

  test('whose sign-in is over signs in again, and unsent texts are still there', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    world.socket.close(1006);
    page.send('lobby', 'later');
    await world.pass(1_000);
    world.socket.close(4500);
    await world.pass(1_000);
    expect(world.logins).toBe(2);

    world.socket.close(4500);
    expect(page.state.user).toBeUndefined();
    expect(page.state.notice).toContain('sign in again');
    await page.signIn('ada');

    expect(page.state.outbox).toMatchObject([{ text: 'later' }]);
  });
});

describe('a reload', () => {
  test('finds room, unsent texts and drafts again, without another login', async () => {
    const world = new FakeWorld();
    const before = await world.onLobby();
    before.send('lobby', 'hi');
    before.write('lobby', 'half a sen');

    const page = await world.reloaded();
    world.socket.joined();

    expect(world.logins).toBe(1);
    expect(page.state).toMatchObject({ user: 'ada', active: 'lobby' });
    expect(page.state.drafts.get('lobby')).toBe('half a sen');
    expect(world.socket.sent('send')).toEqual([{ type: 'send', room: 'lobby', id: 'id1', text: 'hi' }]);
  });

  test('after so long that nodes have forgotten the id asks the person, whatever the clocks say', async () => {
    for (const jumpMs of [600_000, -3_600_000]) {
      const world = new FakeWorld();
      const before = await world.onLobby();
      before.send('lobby', 'hi');
      world.wallNow += jumpMs;

      const page = await world.reloaded();
      world.socket.joined();
      await world.alive(2_000);

      expect(page.state.outbox).toMatchObject([{ delivery: { state: 'failed', code: 'unknown_outcome' } }]);
      expect(world.socket.sent('send')).toEqual([]);
    }
  });

  test('with a token that has expired since gets another one first', async () => {
    const world = new FakeWorld();
    await world.onLobby();
    world.wallNow += 3_600_001;

    await world.reloaded();

    expect(world.logins).toBe(2);
    expect(world.socket.token).toBe('token2');
  });
});

describe('a storage', () => {
  test('that is denied costs nothing but the memory of it', async () => {
    const world = new FakeWorld(failingStorage({ read: true, write: true }));

    const page = await world.onLobby();
    page.send('lobby', 'hi');

    expect(page.state.user).toBe('ada');
    expect(world.warnings).toHaveLength(1);
  });

  test('that is full does not send a text twice', async () => {
    const fails = { write: false };
    const world = new FakeWorld(failingStorage(fails));
    const page = await world.onLobby();
    fails.write = true;

    expect(page.send('lobby', 'hi')).toBeUndefined();

    expect(world.socket.sent('send')).toHaveLength(1);
    expect(page.state.outbox).toHaveLength(1);
  });
});

describe('what counts as read', () => {
  test('is what is in view of somebody who looks', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(1, 3) });
    await world.pass(1_000);
    expect(world.socket.sent('read')).toEqual([{ type: 'read', room: 'lobby', offset: 3 }]);

    world.visible = false;
    world.socket.message(message(4));
    await world.pass(2_000);
    expect(world.socket.sent('read')).toHaveLength(1);
    world.visible = true;
    page.setAtBottom('lobby', false);
    await world.pass(2_000);
    expect(world.socket.sent('read')).toHaveLength(1);
    page.setAtBottom('lobby', true);
    await world.pass(1_000);

    expect(world.socket.sent('read').at(-1)).toEqual({ type: 'read', room: 'lobby', offset: 4 });
  });

  test('is nothing of a room that somebody opened with us', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();

    world.socket.say({ type: 'invite', room: 'dm:ada:bob', from: 'bob' });
    world.socket.joined({ room: 'dm:ada:bob', messages: [message(1, { room: 'dm:ada:bob' })] });
    await world.pass(3_000);

    expect(page.state.active).toBe('lobby');
    expect(world.socket.sent('read')).toEqual([]);
  });

  test('is the room that comes up when another one is left', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    page.enter('other');
    world.socket.joined({ room: 'other' });
    world.socket.message(message(1));

    page.leave('other');
    await world.pass(1_000);

    expect(page.state.active).toBe('lobby');
    expect(world.socket.sent('read').at(-1)).toEqual({ type: 'read', room: 'lobby', offset: 1 });
  });

  test('begins behind the line where the new messages begin', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(1, 3) });
    world.visible = false;
    world.socket.message(message(4));
    world.socket.message(message(5));

    world.visible = true;
    world.network('visible');
    expect(page.state.newFrom.get('lobby')).toBe(4);
    page.enter('other');
    world.socket.joined({ room: 'other' });

    expect(page.state.newFrom.get('lobby')).toBeUndefined();
  });
});

describe('what a screen reader says', () => {
  test('is a new message of somebody else, the same words again included; not what was said before', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby({ messages: messages(1, 3) });
    expect(page.state.spoken.text).toBe('');

    world.socket.message(message(4, { text: 'hi' }));
    const first = page.state.spoken;
    world.socket.message(message(5, { text: 'hi' }));
    world.socket.message(message(6, { author: 'ada' }));

    expect(first.text).toBe('bob: hi');
    expect(page.state.spoken).toEqual({ id: first.id + 1, text: 'bob: hi' });
    page.enter('other');
    world.socket.joined({ room: 'other', messages: [message(1, { room: 'other', text: 'old' })] });
    expect(page.state.spoken.text).toBe('bob: hi');
  });

  test('is that a text was not sent', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    page.send('lobby', 'hi');

    world.socket.say({ type: 'nack', id: 'id1', code: 'forbidden', message: 'No.', retryable: false });

    expect(page.state.spoken.text).toBe('Not sent: hi. No.');
  });

  test('is nothing about a connection that is back within moments', async () => {
    const world = new FakeWorld();
    const page = await world.onLobby();
    world.socket.close(1006);
    await world.pass(250);
    world.socket.hello();
    await world.pass(5_000);
    expect(page.state.troubled).toBe(false);

    world.socket.close(1006);
    await world.pass(2_000);
    expect(page.state.troubled).toBe(true);
    world.socket.hello();

    expect(page.state.troubled).toBe(false);
  });
});

test('history that could not be recovered is told of', async () => {
  const world = new FakeWorld();
  const page = await world.onLobby({ messages: messages(1, 3) });

  world.socket.joined({ recovered: false, epoch: 'f', messages: messages(1, 1, 'f') });

  expect(page.state.notice).toContain('lobby could not be recovered');
});

test('a page of history comes in front', async () => {
  const world = new FakeWorld();
  const page = await world.onLobby({ messages: messages(51, 60) });

  page.loadEarlier('lobby');
  world.socket.say({ type: 'history', room: 'lobby', messages: messages(1, 50).map(wire), more: false });

  expect(page.state.rooms.get('lobby')?.messages).toHaveLength(60);
});

test('the tab is named after its room, and counts what waits elsewhere', async () => {
  const world = new FakeWorld();
  const page = await world.onLobby({ messages: messages(1, 3) });
  page.enter('other');
  world.socket.joined({ room: 'other' });
  expect(titleOf(page.state, (room) => `#${room}`)).toBe('#other · Chat');

  world.socket.message(message(4));
  world.socket.message(message(5));

  expect(titleOf(page.state, (room) => `#${room}`)).toBe('(2) #other · Chat');
  page.signOut();
  expect(titleOf(page.state, (room) => room)).toBe('Chat');
});

test('a tab keeps what it has not sent', async () => {
  const world = new FakeWorld();
  const page = await world.onLobby();
  page.send('lobby', 'hi');

  expect(savedTexts(world.storage)).toEqual(['hi']);
});
