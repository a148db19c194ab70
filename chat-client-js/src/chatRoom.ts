import type { ChatState } from './chatState.js';
import { ChatError, CLOSED } from './errors.js';
import type { Message, Position } from './frames.js';
import { unreadCount, type RoomState } from './roomState.js';
import type { Readable } from './store.js';

/** What a room asks of its client. */
export interface RoomActions {
  readonly store: Readable<ChatState>;
  readonly enqueue: (room: string, text: string, id?: string) => string;
  readonly outcome: (id: string) => Promise<Position>;
  readonly markRead: (room: string, offset: number) => void;
  readonly notifyTyping: (room: string) => void;
  readonly history: (room: string, limit: number) => Promise<readonly Message[]>;
  readonly trim: (room: string, count: number) => void;
  readonly leave: (room: string) => void;
}

/** One room: what happens in it, and how to write in it. Stays the same over reconnects. */
export class ChatRoom {
  readonly name: string;
  readonly #client: RoomActions;

  constructor(client: RoomActions, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** All that is known of the room now; undefined once it was left. */
  get state(): RoomState | undefined {
    return this.#client.store.get().rooms.get(this.name);
  }

  /** Position of the newest message received; undefined before the first answer. */
  get last(): Position | undefined {
    return this.state?.last;
  }

  /** Users who are there now, oneself included; undefined in a big room, which tells only `memberCount`. */
  get members(): ReadonlySet<string> | undefined {
    return this.state?.presence.members;
  }

  get memberCount(): number {
    return this.state?.presence.count ?? 0;
  }

  /** Up to where users have read; in a big room, oneself alone. */
  get readPositions(): ReadonlyMap<string, number> {
    return this.state?.read ?? new Map<string, number>();
  }

  get unread(): number {
    const { state } = this;
    return state ? unreadCount(state, this.#client.store.get().user ?? '') : 0;
  }

  /**
   * Writes a message. It survives reconnects: the same id is sent again until the node says that it is stored.
   * @param id 1–64 visible ASCII characters: a second send of the same id stores nothing and gives the first position.
   * @returns Where it is stored.
   * @throws {ChatError} when it was refused, when the room was left or the client closed, or with `unknown_outcome` when
   * the node gave no answer for so long that another try might store it twice.
   */
  async send(text: string, id?: string): Promise<Position> {
    const sent = this.#client.enqueue(this.name, text, id);
    return await this.#client.outcome(sent);
  }

  /**
   * The same for those who look at `ChatState.outbox` for what becomes of it.
   * @returns The message's id.
   * @throws {ChatError} when it cannot be taken; then nothing was.
   */
  enqueue(text: string, id?: string): string {
    return this.#client.enqueue(this.name, text, id);
  }

  /** Says that everything up to here was read, of what has been received. It only grows, survives reconnects, and reaches all devices of the user. */
  markRead(offset: number): void {
    this.#client.markRead(this.name, offset);
  }

  /** Says that the user is writing; call it at every key. Most calls do nothing. */
  notifyTyping(): void {
    this.#client.notifyTyping(this.name);
  }

  /**
   * Reads one page of older messages, in front of those that are held.
   * @returns The page, oldest first; empty when there is none.
   * @throws {ChatError} when it was refused, or not answered in time.
   */
  history(limit = 50): Promise<readonly Message[]> {
    return this.#client.history(this.name, limit);
  }

  /** Lets go of all but the newest messages; older ones can be read again. */
  trim(count: number): void {
    this.#client.trim(this.name, count);
  }

  /** Leaves: nothing more comes, and what is not known to be stored fails. */
  leave(): void {
    this.#client.leave(this.name);
  }

  /**
   * Messages as they come, each once and in order, until the room is left or the client closed. What could not be recovered,
   * or was dropped before it was read, is missing: offsets tell.
   * @param after Begin behind this offset; without one, with the oldest message held.
   * @throws {ChatError} when the room, or the connection, was refused for good.
   */
  async *readMessages(after?: number): AsyncGenerator<Message, void> {
    const { store } = this.#client;
    let wake: () => void = () => {};
    const stop = store.subscribe(() => wake());
    let cursor = after === undefined ? undefined : { epoch: this.last?.epoch ?? '', offset: after };
    try {
      for (;;) {
        const room = this.state;
        if (!room) return;
        const next = following(room, cursor);
        if (next) {
          cursor = next.position;
          yield next;
          continue;
        }
        if (isOver(store.get(), room)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stop();
    }
  }
}

/** @returns The message behind a position, or the oldest held when that position is no longer within what is held. */
function following(room: RoomState, cursor: Position | undefined): Message | undefined {
  const first = room.messages.at(0);
  if (!first || !cursor || (cursor.epoch !== first.position.epoch && !room.unnumbered)) return first;
  const index = Math.max(0, cursor.offset + 1 - first.position.offset);
  return index < room.messages.length ? room.messages.at(index) : undefined;
}

function isOver({ status }: ChatState, room: RoomState): boolean {
  if (room.refusal) throw new ChatError(room.refusal.code, room.refusal.message, room.name);
  if (status.state !== 'closed') return false;
  if (status.reason !== undefined) throw new ChatError(CLOSED, status.reason);
  return true;
}
