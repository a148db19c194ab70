/** Of this tab only: two tabs may be two users. */
export interface KeyValueStorage {
  readonly get: (key: string) => string | null;
  readonly set: (key: string, value: string | null) => void;
}

/**
 * The same storage, but none of its failures gets out: a browser may deny it, or have no room left. What cannot be kept is
 * then lost at the next reload, and nothing else happens.
 * @param warn Told once.
 */
export function forgiving(storage: KeyValueStorage, warn: (text: string) => void): KeyValueStorage {
  let warned = false;

  function attempt<T>(what: () => T, otherwise: T): T {
    try {
      return what();
    } catch (error) {
      if (!warned) warn(`This tab cannot keep anything over a reload: ${String(error)}`);
      warned = true;
      return otherwise;
    }
  }

  return {
    get: (key) => attempt(() => storage.get(key), null),
    set: (key, value) => attempt(() => storage.set(key, value), undefined),
  };
}
