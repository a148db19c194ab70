import { describe, expect, test } from 'vitest';
import { ChatError } from '../src/errors.js';
import { FakeWorld } from './world.js';

const HELLO_WITHIN_MS = 10_000;
const PING_SLACK_MS = 10_000;
const STABLE_AFTER_MS = 60_000;

describe('connecting', () => {
  test('is open once the node has said hello, and shows the node', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    expect(client.status.state).toBe('connecting');

    world.socket.hello({ node: 'ijklmnop' });

    expect(client.store.get()).toMatchObject({ status: { state: 'connected' }, node: 'ijklmnop', user: 'ada' });
    expect(world.socket.token).toBe('token1');
  });

  test('tries again when there is no hello in time', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();

    await world.pass(HELLO_WITHIN_MS);

    expect(client.status.state).toBe('waiting');
    expect(world.socket.closedWith).toBe(1000);
  });

  test('stops at a protocol it does not speak', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();

    world.socket.hello({ protocol: 2 });

    expect(client.status.state).toBe('closed');
  });
});

describe('staying connected', () => {
  test('answers a ping', async () => {
    const world = new FakeWorld();
    await world.connecting();
    world.socket.hello();

    world.socket.say({ type: 'ping' });

    expect(world.socket.sent('pong')).toHaveLength(1);
  });

  test('holds while pings come, and reconnects when nothing is heard', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    world.socket.hello();
    for (let ping = 0; ping < 4; ping += 1) {
      await world.pass(15_000);
      world.socket.say({ type: 'ping' });
    }
    expect(client.status.state).toBe('connected');

    await world.pass(15_000 + PING_SLACK_MS);

    expect(client.status.state).toBe('waiting');
  });

  test('notices on waking up that it has slept through the pings', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    world.socket.hello();

    world.now += 3_600_000;
    world.network('visible');

    expect(client.status.state).toBe('waiting');
  });

  test('ignores frames it does not know or cannot read, and says so once', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    world.socket.hello();

    for (let time = 0; time < 3; time += 1) world.socket.say({ type: 'later' });
    world.socket.say({ type: 'status', degraded: 'yes' });

    expect(world.warnings).toHaveLength(2);
    expect(client.status.state).toBe('connected');
  });
});

describe('coming back', () => {
  test.each([1006, 1001, 4000, 4001, 4002, 4004])('after %i, after a random part of the backoff', async (code) => {
    const world = new FakeWorld();
    const client = await world.connecting();
    world.socket.hello();

    world.socket.close(code);
    expect(client.status).toMatchObject({ state: 'waiting', retryAt: world.now + 250 });
    await world.pass(249);
    expect(world.sockets).toHaveLength(1);
    await world.pass(1);

    expect(world.sockets).toHaveLength(2);
  });

  test('waits longer with every failure, and forgets them after a stable minute', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    const delays: number[] = [];
    const fail = async (): Promise<void> => {
      world.socket.close(1006);
      const { status } = client;
      const delay = status.state === 'waiting' ? status.retryAt - world.now : -1;
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

  test.each(['online', 'visible'] as const)('at once when the network is back or the page is looked at: %s', async (change) => {
    const world = new FakeWorld();
    await world.connecting();
    for (let failure = 0; failure < 6; failure += 1) {
      world.socket.close(1006);
      world.network(change);
      await world.pass(0);
    }

    expect(world.sockets).toHaveLength(7);
  });

  test('not when it is connected already, whoever asks', async () => {
    const world = new FakeWorld();
    const client = await world.connected();

    client.connect();
    await world.pass(0);

    expect(world.sockets).toHaveLength(1);
    expect(client.status.state).toBe('connected');
  });

  test('ignores what the connection before still has to say', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    const first = world.socket;
    await world.pass(HELLO_WITHIN_MS + 250);

    first.hello({ node: 'old' });
    first.close(4500);

    expect(client.store.get()).toMatchObject({ status: { state: 'connecting' }, node: undefined });
  });

  test('at a random time within the window when the node drains', async () => {
    const world = new FakeWorld();
    world.random = 0.25;
    await world.connecting();
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
    const client = await world.connecting();
    world.socket.hello();

    world.socket.close(code);
    await world.pass(3_600_000);
    world.network('visible');
    expect(client.status.state).toBe('closed');
    expect(world.sockets).toHaveLength(1);
    client.connect();
    await world.pass(0);

    expect(world.sockets).toHaveLength(2);
  });
});

describe('the token', () => {
  test('is refused: another one is asked for once, and then it is over', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();

    world.socket.close(4500);
    await world.pass(500);
    expect(world.asked).toEqual(['connect', 'refused']);
    world.socket.close(4500);

    expect(client.status).toMatchObject({ state: 'closed', closeCode: 4500 });
  });

  test('expired: comes back with a new one', async () => {
    const world = new FakeWorld();
    await world.connecting();
    world.socket.hello();

    world.socket.close(4003);
    await world.pass(250);

    expect(world.socket.token).toBe('token2');
  });

  test('is renewed before it expires, over the open connection', async () => {
    const world = new FakeWorld();
    world.tokenLifeMs = 300_000;
    await world.connecting();
    world.socket.hello({ pingSeconds: 0 });

    await world.pass(239_000);
    expect(world.socket.sent('refresh')).toEqual([]);
    await world.pass(2_000);

    expect(world.socket.sent('refresh')).toEqual([{ type: 'refresh', token: expect.stringMatching(/^token2/) as unknown }]);
  });

  test('comes under suspicion when no handshake succeeds: browsers hide why', async () => {
    const world = new FakeWorld();
    await world.connecting();

    for (let failure = 0; failure < 3; failure += 1) {
      world.socket.close(1006);
      await world.pass(500 * 2 ** failure);
    }

    expect(world.asked).toEqual(['connect', 'connect', 'connect', 'refused']);
  });

  test('cannot be had: waits while the server is away, stops when it refuses', async () => {
    const world = new FakeWorld();
    const client = await world.connecting();
    world.socket.hello();
    world.tokenError = new Error('away');
    world.socket.close(4003);
    await world.pass(250);
    expect(client.status.state).toBe('waiting');

    world.tokenError = new ChatError('forbidden', 'Refused.');
    await world.pass(60_000);

    expect(client.status).toEqual({ state: 'closed', reason: 'Refused.' });
  });
});
