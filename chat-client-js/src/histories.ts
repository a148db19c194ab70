import { withRoom, receiveHistory, type ChatState } from './chatState.js';
import type { Environment } from './environment.js';
import { ChatError, TIMEOUT } from './errors.js';
import type { ClientFrame, Message } from './frames.js';
import { firstOffset, type RoomState } from './roomState.js';
import type { Store } from './store.js';

interface Asked {
  readonly at: number;
  readonly before: number;
  readonly page: Promise<readonly Message[]>;
  readonly resolve: (page: readonly Message[]) => void;
  readonly reject: (error: ChatError) => void;
}

/** Pages of older messages, one at a time for each room. */
export class Histories {
  readonly #env: Environment;
  readonly #store: Store<ChatState>;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #timeoutMs: number;
  readonly #asked = new Map<string, Asked>();

  constructor(env: Environment, store: Store<ChatState>, send: (frame: ClientFrame) => boolean, timeoutMs: number) {
    this.#env = env;
    this.#store = store;
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  ask(name: string, limit: number): Promise<readonly Message[]> {
    const earlier = this.#asked.get(name);
    if (earlier) return earlier.page;
    const room = this.#store.get().rooms.get(name);
    const before = room && firstOffset(room);
    if (!room?.more || before === undefined) return Promise.resolve([]);
    if (room.messages.length >= room.messagesMax) return Promise.resolve([]);
    if (room.phase !== 'live' || !this.#send({ type: 'history', room: name, before, limit })) {
      return Promise.reject(new ChatError('unavailable', 'There is no connection to read from.', name));
    }
    this.#loading(name, true);
    const { promise, resolve, reject } = deferred<readonly Message[]>();
    this.#asked.set(name, { at: this.#env.now(), before, page: promise, resolve, reject });
    return promise;
  }

  /** A page that nobody waits for any more is left aside: another may have been asked for since. */
  arrived(name: string, messages: readonly Message[], more: boolean): void {
    const asked = this.#take(name);
    if (!asked) return;
    this.#store.update((state) => receiveHistory(state, name, messages, more));
    const room = this.#store.get().rooms.get(name);
    asked.resolve(room ? room.messages.slice(0, Math.max(0, asked.before - (firstOffset(room) ?? asked.before))) : []);
  }

  /** @returns False when none was asked for. */
  failed(name: string, code: string, message: string): boolean {
    const asked = this.#take(name);
    this.#loading(name, false);
    asked?.reject(new ChatError(code, message, name));
    return asked !== undefined;
  }

  expire(): void {
    for (const [name, { at }] of this.#asked) {
      if (this.#env.now() - at >= this.#timeoutMs) this.failed(name, TIMEOUT, 'The node did not answer.');
    }
  }

  reset(): void {
    for (const name of this.#asked.keys()) this.failed(name, 'unavailable', 'The connection was lost.');
  }

  #take(name: string): Asked | undefined {
    const asked = this.#asked.get(name);
    this.#asked.delete(name);
    return asked;
  }

  #loading(name: string, loadingHistory: boolean): void {
    this.#store.update((state) => withRoom(state, name, (room: RoomState) => (room.loadingHistory === loadingHistory ? room : { ...room, loadingHistory })));
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: ChatError) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: ChatError) => void = () => {};
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
