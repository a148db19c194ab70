import { asArray, asCount, asObject, asString, field, optional } from '../json';
import type { ChatState } from '../state/chat';
import { OUTBOX_MAX, type Delivery, type Outbox, type OutboxEntry } from '../state/outbox';
import type { Readable } from '../store';
import type { KeyValueStorage } from './environment';

const KEY = 'chat.tab';

/** What survives a reload of the tab. */
export interface Saved {
  /** Whose it is: nobody else gets to see it. */
  readonly user: string;
  readonly rooms: readonly string[];
  readonly active: string | undefined;
  readonly outbox: Outbox;
}

export function save(storage: KeyValueStorage, state: ChatState): void {
  if (state.user === undefined) return;
  const saved: Saved = { user: state.user, rooms: [...state.rooms.keys()], active: state.active, outbox: state.outbox };
  storage.set(KEY, JSON.stringify(saved));
}

/** @returns Undefined when nothing was saved for this user, or it cannot be read. */
export function restore(storage: KeyValueStorage, user: string): Saved | undefined {
  const stored = storage.get(KEY);
  if (stored === null) return undefined;
  try {
    const object = asObject(JSON.parse(stored));
    if (field(object, 'user', asString) !== user) return undefined;
    return {
      user,
      rooms: field(object, 'rooms', (value) => asArray(value, asString)),
      active: optional(object, 'active', asString),
      outbox: field(object, 'outbox', (value) => asArray(value, readEntry)).slice(-OUTBOX_MAX),
    };
  } catch {
    return undefined;
  }
}

export function forget(storage: KeyValueStorage): void {
  storage.set(KEY, null);
}

function readEntry(value: unknown): OutboxEntry {
  const object = asObject(value);
  return {
    id: field(object, 'id', asString),
    room: field(object, 'room', asString),
    text: field(object, 'text', asString),
    delivery: field(object, 'delivery', readDelivery),
    firstSentAt: optional(object, 'firstSentAt', asCount),
    notBefore: 0,
  };
}

/** Stored or not, an entry that had no copy yet is sent again: the id makes that safe. */
function readDelivery(value: unknown): Delivery {
  const object = asObject(value);
  return field(object, 'state', asString) === 'failed'
    ? { state: 'failed', reason: field(object, 'reason', asString) }
    : { state: 'pending' };
}

/** Saves what has to survive a reload, whenever it has changed. */
export function saveWhenChanged(store: Readable<ChatState>, storage: KeyValueStorage): void {
  let saved = store.get();
  store.subscribe(() => {
    const state = store.get();
    if (state.rooms.size === saved.rooms.size && state.active === saved.active && state.outbox === saved.outbox && state.user === saved.user) return;
    saved = state;
    save(storage, state);
  });
}
