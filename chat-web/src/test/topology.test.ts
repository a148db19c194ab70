import { describe, expect, test } from 'vitest';
import { parseStatus, TopologyWatch, type Topology } from '../page/topology';
import { FakeWorld, settled } from './world';

const NOTHING: Topology = { phase: 'loading', policy: '', draining: false, nodes: [], tokenRefused: false };

function node(id: string, changes: object = {}): object {
  return { id, state: 'ready', healthy: true, connections: 1, ...changes };
}

function status(...destinations: readonly object[]): object {
  return { policy: 'p2c', draining: false, destinations };
}

test('nodes have their share, and say what is the matter with them', () => {
  const { nodes } = parseStatus(status(node('b', { state: 'draining' }), node('a', { connections: 3 }), node('c', { healthy: false, connections: 0 })), NOTHING, 0);

  expect(nodes.map(({ id, phase, share }) => [id, phase, share])).toEqual([['a', 'ready', 75], ['b', 'draining', 25], ['c', 'failing', 0]]);
});

test('a node that is gone is shown for half a minute', () => {
  const before = parseStatus(status(node('a'), node('b')), NOTHING, 0);

  const gone = parseStatus(status(node('a')), before, 1_000);
  expect(gone.nodes.map(({ id, phase }) => [id, phase])).toEqual([['a', 'ready'], ['b', 'gone']]);
  expect(parseStatus(status(node('a')), gone, 30_000).nodes).toHaveLength(2);
  expect(parseStatus(status(node('a')), gone, 32_000).nodes).toHaveLength(1);
  expect(parseStatus(status(node('a'), node('b')), gone, 2_000).nodes[1]?.phase).toBe('ready');
});

describe('who watches', () => {
  async function watching(): Promise<{ world: FakeWorld; watch: TopologyWatch; stop: () => void }> {
    const world = new FakeWorld();
    world.balancerStatus = () => status(node('a'), node('b'));
    const watch = new TopologyWatch(world.page, () => {});
    const stop = watch.watch();
    await settled();
    return { world, watch, stop };
  }

  test('sees a change soon after its event, and asks no more once they look away', async () => {
    const { world, watch, stop } = await watching();
    let asked = 0;
    world.balancerStatus = () => {
      asked += 1;
      return status(node('a'), node('b', { healthy: false }));
    };

    world.events[0]?.changed();
    await world.pass(100);
    expect(watch.view.get().nodes.map(({ phase }) => phase)).toEqual(['ready', 'failing']);

    stop();
    const before = asked;
    await world.pass(60_000);
    expect([asked, world.events.length]).toEqual([before, 0]);
  });

  test('keeps the last picture while the balancer is away, says so, and comes back by itself', async () => {
    const { world, watch } = await watching();
    world.balancerStatus = () => {
      throw new Error('away');
    };

    world.events[0]?.ended();
    expect(world.events).toHaveLength(0);
    await world.pass(3_000);
    expect([watch.view.get().phase, watch.view.get().nodes.length, world.events.length]).toEqual(['stale', 2, 1]);

    world.balancerStatus = () => status(node('a'));
    await world.pass(3_000);
    expect(watch.view.get().phase).toBe('live');
  });

  test('is told plainly when the balancer does not say', async () => {
    const { world, watch } = await watching();
    world.balancerStatus = () => undefined;

    await world.pass(3_000);

    expect(watch.view.get().phase).toBe('unavailable');
  });

  test('gives the balancer\'s token, is told when it is not the right one, and sees all with the right one', async () => {
    const { world, watch } = await watching();
    world.balancerStatus = (token) => (token === 'right' ? status(node('a')) : undefined);
    await world.pass(3_000);
    expect(watch.view.get()).toMatchObject({ phase: 'unavailable', tokenRefused: false });

    watch.useToken('wrong');
    await world.pass(1);
    expect(watch.view.get()).toMatchObject({ phase: 'unavailable', tokenRefused: true });

    watch.useToken('right');
    await world.pass(1);
    expect(watch.view.get()).toMatchObject({ phase: 'live', tokenRefused: false });
    expect([world.statusTokens.at(-1), world.events.length]).toEqual(['right', 1]);
  });
});
