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

/** @param report What to do with what a listener throws: it must stop neither the change nor the other listeners. */
export function createStore<T>(initial: T, report: (error: unknown) => void): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    update: (change) => {
      const next = change(value);
      if (next === value) return;
      value = next;
      for (const listener of listeners) tell(listener, report);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function tell(listener: () => void, report: (error: unknown) => void): void {
  try {
    listener();
  } catch (error) {
    report(error);
  }
}
