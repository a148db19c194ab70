import { withRoom, type ChatState } from './chatState.js';
import type { Environment } from './environment.js';
import { ChatError, isTemporary } from './errors.js';
import type { ClientFrame, ErrorFrame } from './frames.js';
import { Joins, type JoinOptions } from './joins.js';
import type { ResolvedOptions } from './options.js';
import { applyJoining, applyRefusal, type RoomState } from './roomState.js';
import type { Store } from './store.js';

interface Guest {
  readonly joined: () => void;
  readonly failed: (error: ChatError) => void;
}

type EntranceOptions = JoinOptions & Pick<ResolvedOptions, 'trace'>;

/** Gets into rooms, and back into them: after a reconnect, after a hole, after an outage. */
export class Entrance {
  readonly #env: Environment;
  readonly #store: Store<ChatState>;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #trace: boolean;
  readonly #joins: Joins;
  readonly #guests = new Map<string, Guest[]>();

  constructor(env: Environment, store: Store<ChatState>, send: (frame: ClientFrame) => boolean, options: EntranceOptions) {
    this.#env = env;
    this.#store = store;
    this.#send = send;
    this.#trace = options.trace;
    this.#joins = new Joins(options, env.random);
  }

  /** Settles once the node has answered. */
  wait(name: string): Promise<void> {
    return new Promise((joined, failed) => {
      this.#guests.set(name, [...(this.#guests.get(name) ?? []), { joined, failed }]);
    });
  }

  joinWhereNeeded(): void {
    const { status, rooms } = this.#store.get();
    if (status.state !== 'connected') return;
    for (const room of rooms.values()) {
      if (!this.#joins.claim(room, this.#env.now())) continue;
      this.#update(room.name, applyJoining);
      this.#send({ type: 'join', room: room.name, ...(room.last && { after: room.last }), ...(this.#trace && { trace: true }) });
    }
  }

  joined(name: string): void {
    for (const guest of this.#take(name)) guest.joined();
  }

  refused(name: string, { code, message }: Pick<ErrorFrame, 'code' | 'message'>): void {
    if (isTemporary(code)) {
      this.#joins.refused(name, this.#env.now());
      return;
    }
    this.#update(name, (room) => applyRefusal(room, { code, message }));
    for (const guest of this.#take(name)) guest.failed(new ChatError(code, message, name));
  }

  /** The node does not count us in, whatever we thought: from the start again. */
  again(name: string): void {
    this.#joins.forget(name);
    this.#update(name, applyJoining);
    this.joinWhereNeeded();
  }

  /** The node has its store back. */
  hurry(): void {
    this.#joins.hurry(this.#env.now());
  }

  /** Another connection: nothing has been asked on it yet. */
  reset(): void {
    this.#joins.reset();
  }

  left(name: string, error: ChatError): void {
    this.#joins.forget(name);
    for (const guest of this.#take(name)) guest.failed(error);
  }

  failAll(error: ChatError): void {
    for (const name of [...this.#guests.keys()]) this.left(name, error);
  }

  #take(name: string): readonly Guest[] {
    const guests = this.#guests.get(name) ?? [];
    this.#guests.delete(name);
    return guests;
  }

  #update(name: string, update: (room: RoomState) => RoomState): void {
    this.#store.update((state) => withRoom(state, name, update));
  }
}
