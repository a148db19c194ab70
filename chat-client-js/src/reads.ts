import { withRoom, type ChatState } from './chatState.js';
import type { ClientFrame, JoinedFrame } from './frames.js';
import { applyRead } from './roomState.js';
import type { Store } from './store.js';

/** What the user has read: said by whoever saw it, and told to the node now and then, not for every message. */
export class Reads {
  readonly #store: Store<ChatState>;
  /** Offsets that the node knows of on this connection. */
  readonly #told = new Map<string, number>();

  constructor(store: Store<ChatState>) {
    this.#store = store;
  }

  /** Reads on up to an offset, never beyond what has been received. */
  mark(name: string, offset: number): void {
    const { user } = this.#store.get();
    if (user === undefined) return;
    this.#store.update((state) =>
      withRoom(state, name, (room) => (room.last ? applyRead(room, user, Math.min(offset, room.last.offset)) : room)),
    );
  }

  joined(frame: JoinedFrame): void {
    this.#told.set(frame.room, frame.read.get(this.#store.get().user ?? '') ?? 0);
  }

  /** Another device of the same user has said so. */
  heard(room: string, offset: number): void {
    this.#told.set(room, Math.max(offset, this.#told.get(room) ?? 0));
  }

  /** Tells the node what it does not know yet. */
  tell(send: (frame: ClientFrame) => boolean): void {
    const { user, rooms } = this.#store.get();
    for (const room of rooms.values()) {
      const offset = room.read.get(user ?? '') ?? 0;
      if (room.phase !== 'live' || offset <= (this.#told.get(room.name) ?? 0)) continue;
      if (send({ type: 'read', room: room.name, offset })) this.#told.set(room.name, offset);
    }
  }

  /** Another connection: it knows nothing yet. */
  reset(): void {
    this.#told.clear();
  }
}
