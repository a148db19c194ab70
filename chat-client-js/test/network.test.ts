import { describe, expect, test } from 'vitest';
import { steadyClock } from '../src/environment.js';
import { FakeWorld } from './world.js';

describe('a network that goes', () => {
  test('is noticed when the device says so, and tried again when it is back', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();

    world.network('offline');
    expect(client.status).toMatchObject({ state: 'waiting', reason: 'This device is offline.' });
    world.network('online');
    await world.pass(0);

    expect(client.status.state).toBe('connecting');
    expect(world.sockets).toHaveLength(2);
  });

  test('without a word is found out by a probe when somebody looks', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();
    await world.pass(10_000);

    world.network('visible');
    expect(world.socket.sent('probe')).toHaveLength(1);
    await world.pass(4_000);

    expect(client.status.state).toBe('waiting');
  });

  test('a node that answers the probe, with whatever it is, is alive', async () => {
    const world = new FakeWorld();
    const { client } = await world.inLobby();
    await world.pass(10_000);

    world.network('online');
    await world.pass(1_000);
    world.socket.refuse('unknown_type');
    await world.pass(8_000);

    expect(client.status.state).toBe('connected');
  });

  test('is suspected when an ack is late; many late acks make few probes', async () => {
    const world = new FakeWorld();
    const { client, room } = await world.inLobby();
    for (let second = 0; second < 60; second += 1) {
      room.enqueue('hi');
      await world.pass(1_000);
      if (second % 3 === 0) world.socket.refuse('unknown_type');
    }

    expect(client.status.state).toBe('connected');
    expect(world.socket.sent('probe').length).toBeGreaterThan(2);
    expect(world.socket.sent('probe').length).toBeLessThan(14);
  });
});

test('a device that slept does not send again what is too old for that, however soon its room is back', async () => {
  const world = new FakeWorld();
  const { client, room } = await world.inLobby();
  const sending = room.send('hi');
  world.socket.close(1006);
  world.now += 3_600_000;
  await world.pass(250);
  world.socket.hello();

  world.socket.joined();

  await expect(sending).rejects.toMatchObject({ code: 'unknown_outcome' });
  expect(world.socket.sent('send')).toEqual([]);
  expect(client.store.get().outbox).toMatchObject([{ delivery: { state: 'failed' } }]);
});

describe('a clock that lies', () => {
  test.each([-3_600, 3_600, 10 * 365 * 86_400])('by %i seconds makes no logins: a token lives as long as its issuer said', async (aheadSeconds) => {
    const world = new FakeWorld();
    world.issuedAt = Math.floor(Date.now() / 1000) + aheadSeconds;
    world.tokenLifeMs = 1_200_000;
    await world.connecting();
    world.socket.hello({ pingSeconds: 0 });

    await world.pass(1_000_000);
    expect(world.asked).toEqual(['connect']);
    await world.pass(200_000);

    expect(world.asked).toEqual(['connect', 'refresh']);
  });
});

test('the clock goes on through sleep, and is not impressed by a clock that is set back, or that ticks differently', () => {
  let [monotonic, wall] = [0, 1_000_000];
  const now = steadyClock(() => monotonic, () => wall);
  const pass = (ms: number, wallMs: number): number => {
    [monotonic, wall] = [monotonic + ms, wall + wallMs];
    return now();
  };

  expect(pass(1_000, 1_001)).toBe(1_000);
  expect(pass(1_000, -3_600_000)).toBe(2_000);
  expect(pass(0, 3_600_000)).toBe(3_602_000);
  for (let call = 0; call < 1_000; call += 1) pass(0, 1);

  expect(now()).toBe(3_602_000);
});
