/** What a reader needs of a store. */
export type Readable<T> = Pick<Store<T>, 'get' | 'subscribe'>;

/** Holds one immutable value and tells its readers when it is replaced. */
export interface Store<T> {
  readonly get: () => T;
  /** Replaces the value by what a pure function makes of it; returning the same value tells nobody. */
  readonly update: (change: (value: T) => T) => void;
  /** Calls back after every replacement, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    update: (change) => {
      const next = change(value);
      if (next === value) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

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
