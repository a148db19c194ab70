import type { Readable } from '@chat/client';

/**
 * The same value for readers that cannot keep up with every change: tells them of the first at once, and of all that
 * follow within a period together at its end.
 * @param after Runs once after a delay.
 */
export function throttled<T>(store: Readable<T>, periodMs: number, after: (delayMs: number, run: () => void) => void): Readable<T> {
  const listeners = new Set<() => void>();
  let resting = false;
  let missed = false;

  function changed(): void {
    if (resting) {
      missed = true;
      return;
    }
    resting = true;
    after(periodMs, () => {
      resting = false;
      if (!missed) return;
      missed = false;
      changed();
    });
    for (const listener of listeners) listener();
  }

  store.subscribe(changed);
  return {
    get: store.get,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
