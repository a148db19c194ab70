import { describe, expect, test } from 'vitest';
import { createStore, throttled } from '../store';
import { FakeWorld } from './world';

describe('store', () => {
  test('tells its readers of another value, and of nothing else', () => {
    const store = createStore({ n: 1 });
    const seen: number[] = [];
    const stop = store.subscribe(() => seen.push(store.get().n));

    store.update((value) => value);
    store.update(() => ({ n: 2 }));
    stop();
    store.update(() => ({ n: 3 }));

    expect(seen).toEqual([2]);
  });

  test('throttled tells of the first change at once and of a burst together, the last included', async () => {
    const world = new FakeWorld();
    const store = createStore(0);
    const view = throttled(store, 50, world.environment().after);
    const seen: number[] = [];
    view.subscribe(() => seen.push(view.get()));

    for (let change = 1; change <= 100; change += 1) store.update(() => change);
    expect(seen).toEqual([1]);
    await world.pass(1_000);
    store.update(() => 101);

    expect(seen).toEqual([1, 100, 101]);
  });
});
