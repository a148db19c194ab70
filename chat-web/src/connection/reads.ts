import type { ClientFrame, JoinedFrame } from '../frames';
import { withRoom, type ChatState } from '../state/chat';
import { applyRead } from '../state/room';
import type { Store } from '../store';
import type { Environment } from './environment';

/** What the person has read: moves on while the newest messages are in view, and is told to the server now and then. */
export class Reads {
  readonly #env: Environment;
  readonly #store: Store<ChatState>;
  /** Offsets the server knows of on this connection. */
  readonly #told = new Map<string, number>();
  /** The room whose newest messages are in view. */
  #inView: string | undefined;

  constructor(env: Environment, store: Store<ChatState>) {
    this.#env = env;
    this.#store = store;
  }

  setInView(room: string, newest: boolean): void {
    if (newest) this.#inView = room;
    else if (this.#inView === room) this.#inView = undefined;
    this.mark();
  }

  /** Reads on, if somebody is looking. */
  mark(): void {
    const { user, active } = this.#store.get();
    if (user === undefined || active === undefined || active !== this.#inView || !this.#env.visible()) return;
    this.#store.update((state) => withRoom(state, active, (room) => (room.last ? applyRead(room, user, room.last.offset) : room)));
  }

  joined(frame: JoinedFrame): void {
    this.#told.set(frame.room, frame.read.get(this.#store.get().user ?? '') ?? -1);
  }

  /** Tells the server what it does not know yet. */
  tell(send: (frame: ClientFrame) => boolean): void {
    const { user, rooms } = this.#store.get();
    for (const room of rooms.values()) {
      const offset = room.read.get(user ?? '') ?? -1;
      if (room.phase !== 'live' || offset <= (this.#told.get(room.name) ?? -1)) continue;
      if (send({ type: 'read', room: room.name, offset })) this.#told.set(room.name, offset);
    }
  }

  /** Another connection: it knows nothing yet. */
  reset(): void {
    this.#told.clear();
  }
}
