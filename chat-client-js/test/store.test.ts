import { describe, expect, test } from 'vitest';
import { createStore } from '../src/store.js';

describe('store', () => {
  test('tells its readers of another value, and of nothing else', () => {
    const store = createStore({ n: 1 }, () => {});
    const seen: number[] = [];
    const stop = store.subscribe(() => seen.push(store.get().n));

    store.update((value) => value);
    store.update(() => ({ n: 2 }));
    stop();
    store.update(() => ({ n: 3 }));

    expect(seen).toEqual([2]);
  });

  test('a listener that throws stops neither the change nor the other listeners', () => {
    const reported: unknown[] = [];
    const store = createStore(0, (error) => reported.push(error));
    const seen: number[] = [];
    store.subscribe(() => {
      throw new Error('quota');
    });
    store.subscribe(() => seen.push(store.get()));

    store.update(() => 1);

    expect(seen).toEqual([1]);
    expect(reported).toEqual([new Error('quota')]);
  });
});
