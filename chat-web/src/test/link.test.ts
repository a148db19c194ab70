import { describe, expect, test } from 'vitest';
import { HELLO_WITHIN_MS, PING_SLACK_MS, STABLE_AFTER_MS } from '../connection/link';
import { FakeWorld, refused } from './world';

describe('connecting', () => {
  test('is open once the node has said hello, and shows the node', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    expect(client.store.get().connection.phase).toBe('connecting');

    world.socket.hello({ node: 'ijklmnop' });

    expect(client.store.get()).toMatchObject({ connection: { phase: 'open' }, node: 'ijklmnop', user: 'ada' });
    expect(world.socket.token).toBe('token1');
  });

  test('tries again when there is no hello in time', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();

    await world.pass(HELLO_WITHIN_MS);

    expect(client.store.get().connection.phase).toBe('waiting');
    expect(world.socket.closedWith).toBe(1000);
  });

  test('stops at a protocol it does not speak', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();

    world.socket.hello({ protocol: 2 });

    expect(client.store.get().connection.phase).toBe('stopped');
  });
});

describe('staying connected', () => {
  test('answers a ping', async () => {
    const world = new FakeWorld();
    await world.signedIn();
    world.socket.hello();

    world.socket.say({ type: 'ping' });

    expect(world.socket.sent('pong')).toHaveLength(1);
  });

  test('holds while pings come, and reconnects when nothing is heard', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();
    for (let ping = 0; ping < 4; ping += 1) {
      await world.pass(15_000);
      world.socket.say({ type: 'ping' });
    }
    expect(client.store.get().connection.phase).toBe('open');

    await world.pass(15_000 + PING_SLACK_MS);

    expect(client.store.get().connection.phase).toBe('waiting');
  });

  test('notices on waking up that it has slept through the pings', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();

    world.now += 3_600_000;
    world.wake();

    expect(client.store.get().connection.phase).toBe('waiting');
  });

  test('ignores frames it does not know or cannot read, and says so once', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();

    for (let time = 0; time < 3; time += 1) world.socket.say({ type: 'later' });
    world.socket.say({ type: 'status', degraded: 'yes' });

    expect(world.warnings).toHaveLength(2);
    expect(client.store.get().connection.phase).toBe('open');
  });
});

describe('coming back', () => {
  test.each([1006, 1001, 4000, 4001, 4002, 4004])('after %i, after a random part of the backoff', async (code) => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();

    world.socket.close(code);
    expect(client.store.get().connection).toMatchObject({ phase: 'waiting', retryAt: world.now + 250 });
    await world.pass(249);
    expect(world.sockets).toHaveLength(1);
    await world.pass(1);

    expect(world.sockets).toHaveLength(2);
  });

  test('waits longer with every failure, and forgets them after a stable minute', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    const delays: number[] = [];
    const fail = async (): Promise<void> => {
      world.socket.close(1006);
      const { connection } = client.store.get();
      const delay = connection.phase === 'waiting' ? connection.retryAt - world.now : -1;
      delays.push(delay);
      await world.pass(delay);
    };
    for (let failure = 0; failure < 4; failure += 1) await fail();
    world.socket.hello({ pingSeconds: 0 });
    await world.pass(STABLE_AFTER_MS / 2);
    await fail();
    world.socket.hello({ pingSeconds: 0 });
    await world.pass(STABLE_AFTER_MS);
    await fail();

    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 250]);
  });

  test('at once when the network is back or the page is looked at', async () => {
    const world = new FakeWorld();
    await world.signedIn();
    for (let failure = 0; failure < 6; failure += 1) {
      world.socket.close(1006);
      world.wake();
      await world.pass(0);
    }

    expect(world.sockets).toHaveLength(7);
  });

  test('ignores what the connection before still has to say', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    const first = world.socket;
    await world.pass(HELLO_WITHIN_MS + 250);

    first.hello({ node: 'old' });
    first.close(4500);

    expect(client.store.get()).toMatchObject({ connection: { phase: 'connecting' }, node: undefined });
  });

  test('at a random time within the window when the node drains', async () => {
    const world = new FakeWorld();
    world.random = 0.25;
    await world.signedIn();
    world.socket.hello();

    world.socket.say({ type: 'drain', reconnectWithinMs: 4_000 });
    await world.pass(999);
    expect(world.sockets).toHaveLength(1);
    await world.pass(1);

    expect(world.sockets).toHaveLength(2);
    expect(world.sockets[0]?.closedWith).toBe(1000);
  });

  test.each([4501, 4502, 4503, 4999])('not after %i, until the person asks', async (code) => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();

    world.socket.close(code);
    await world.pass(3_600_000);
    world.wake();
    expect(client.store.get().connection.phase).toBe('stopped');
    expect(world.sockets).toHaveLength(1);
    client.reconnect();
    await world.pass(0);

    expect(world.sockets).toHaveLength(2);
  });
});

describe('the token', () => {
  test('is refused: the person signs in again, and unsent texts are still there', async () => {
    const world = new FakeWorld();
    const client = await world.inLobby();
    world.socket.close(1006);
    client.send('lobby', 'later');
    await world.pass(1_000);

    world.socket.close(4500);
    expect(client.store.get().user).toBeUndefined();
    expect(client.store.get().notice).toContain('sign in again');
    await client.signIn('ada');

    expect(client.store.get().outbox).toMatchObject([{ text: 'later' }]);
  });

  test('expired: comes back with a new one', async () => {
    const world = new FakeWorld();
    await world.signedIn();
    world.socket.hello();

    world.socket.close(4003);
    await world.pass(250);

    expect(world.socket.token).toBe('token2');
  });

  test('is renewed before it expires, over the open connection', async () => {
    const world = new FakeWorld();
    world.tokenLifeMs = 300_000;
    await world.signedIn();
    world.socket.hello({ pingSeconds: 0 });

    await world.pass(239_000);
    expect(world.socket.sent('refresh')).toEqual([]);
    await world.pass(2_000);

    expect(world.socket.sent('refresh')).toEqual([{ type: 'refresh', token: 'token2' }]);
  });

  test('comes under suspicion when no handshake succeeds: browsers hide why', async () => {
    const world = new FakeWorld();
    await world.signedIn();

    for (let failure = 0; failure < 3; failure += 1) {
      world.socket.close(1006);
      await world.pass(500 * 2 ** failure);
    }

    expect(world.sockets.map(({ token }) => token)).toEqual(['token1', 'token1', 'token1', 'token2']);
  });

  test('cannot be had: waits while the server is away, stops when it refuses', async () => {
    const world = new FakeWorld();
    const client = await world.signedIn();
    world.socket.hello();
    world.loginError = refused(503);
    world.socket.close(4003);
    await world.pass(250);
    expect(client.store.get().connection.phase).toBe('waiting');

    world.loginError = refused(403);
    await world.pass(60_000);

    expect(client.store.get().connection).toEqual({ phase: 'stopped', reason: 'Refused.' });
  });
});
