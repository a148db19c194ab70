/** Everything the client takes from the world, so that tests can bring their own. */
export interface Environment {
  /** Milliseconds of a clock that only goes on, also while the device sleeps: nobody can set it back. See {@link steadyClock}. */
  readonly now: () => number;
  /** Runs once after a delay; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** An id nobody else will make up. */
  readonly newId: () => string;
  readonly openSocket: (url: string, handlers: SocketHandlers) => Socket;
  /** Calls back when the network goes or comes, or a person looks again, until the returned function is called. */
  readonly onNetwork: (tell: (change: NetworkChange) => void) => () => void;
  readonly warn: (text: string) => void;
}

export type NetworkChange = 'offline' | 'online' | 'visible';

export interface Socket {
  readonly send: (text: string) => void;
  readonly close: (code: number) => void;
}

export interface SocketHandlers {
  readonly onText: (data: unknown) => void;
  /** Called once, also when the socket never opened. */
  readonly onClose: (code: number) => void;
}

/** A browser, or Node 22 and later, which have a `WebSocket`. */
export function defaultEnvironment(): Environment {
  return {
    now: steadyClock(() => performance.now(), () => Date.now()),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    newId: newMessageId,
    openSocket: (url, { onText, onClose }) => {
      const socket = new WebSocket(url);
      socket.addEventListener('message', ({ data }) => onText(data));
      socket.addEventListener('close', ({ code }) => onClose(code));
      return { send: (text) => socket.send(text), close: (code) => socket.close(code) };
    },
    onNetwork,
    // eslint-disable-next-line no-console -- The one place where the client writes to the console.
    warn: (text) => console.warn(text),
  };
}

/** So much more by the clock on the wall is sleep, or a clock set forward; less is the difference between two clocks. */
const ASLEEP_MS = 2_000;

/**
 * A clock that only goes on. In many browsers the monotonic one stands still while the device sleeps, which would make an old
 * message look young enough to be sent again; the one on the wall is set back and forth. So the first counts, and of the
 * second only what it leaps ahead: counted as time that has passed, that costs a reconnect at worst.
 */
export function steadyClock(monotonic: () => number, wall: () => number): () => number {
  let [before, wallBefore, slept] = [monotonic(), wall(), 0];
  return () => {
    const [now, wallNow] = [monotonic(), wall()];
    const leap = wallNow - wallBefore - (now - before);
    if (leap > ASLEEP_MS) slept += leap;
    [before, wallBefore] = [now, wallNow];
    return now + slept;
  };
}

/** An id no other message of this user has: 96 random bits. Not `randomUUID`, which exists only on secure origins. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function onNetwork(tell: (change: NetworkChange) => void): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
  const stop = new AbortController();
  const { signal } = stop;
  window.addEventListener('online', () => tell('online'), { signal });
  window.addEventListener('offline', () => tell('offline'), { signal });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') tell('visible');
  }, { signal });
  return () => stop.abort();
}
