import { unreadCount, type ChatRoom, type Store } from '@chat/client';
import type { OwnState } from './pageState';

interface Reader {
  /** The room one looks at. */
  readonly active: () => ChatRoom | undefined;
  readonly visible: () => boolean;
}

/** What counts as read: the newest messages, in view, on a page that somebody can see. */
export class Attention {
  readonly #own: Store<OwnState>;
  readonly #reader: Reader;
  /** The room whose newest messages are in view. */
  #inView: string | undefined;

  constructor(own: Store<OwnState>, reader: Reader) {
    this.#own = own;
    this.#reader = reader;
  }

  /** Whether the newest messages of a room are in view. */
  setAtBottom(room: string, atBottom: boolean): void {
    if (atBottom) this.#inView = room;
    else if (this.#inView === room) this.#inView = undefined;
    this.mark();
  }

  reset(): void {
    this.#inView = undefined;
  }

  /** Reads on, if somebody is looking. */
  mark(): void {
    const room = this.#reader.active();
    if (!room?.last) return;
    const { view } = this.#own.get();
    if (view === 'room' && room.name === this.#inView && this.#reader.visible()) room.markRead(room.last.offset);
    else this.markNew(room);
  }

  /** Remembers where the unread messages begin, before they count as read. */
  markNew(room: ChatRoom | undefined): void {
    const { user, newFrom } = this.#own.get();
    if (user === undefined || !room?.state?.last) return;
    const unread = unreadCount(room.state, user);
    const begin = room.state.last.offset - unread + 1;
    if (unread === 0 || (newFrom.get(room.name) ?? -1) >= begin) return;
    this.#own.update((own) => ({ ...own, newFrom: new Map(own.newFrom).set(room.name, begin) }));
  }
}
