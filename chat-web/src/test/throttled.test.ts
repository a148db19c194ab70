import { createStore } from '@chat/client';
import { expect, test } from 'vitest';
import { throttled } from '../page/throttled';
import { FakeWorld } from './world';

test('throttled tells of the first change at once and of a burst together, the last included', async () => {
  const world = new FakeWorld();
  const store = createStore(0, () => {});
  const view = throttled(store, 50, world.environment.after);
  const seen: number[] = [];
  view.subscribe(() => seen.push(view.get()));

  for (let change = 1; change <= 100; change += 1) store.update(() => change);
  expect(seen).toEqual([1]);
  await world.pass(1_000);
  store.update(() => 101);

  expect(seen).toEqual([1, 100, 101]);
});
