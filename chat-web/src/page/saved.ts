import type { Delivery, Outbox, OutboxEntry } from '@chat/client';
import { asArray, asObject, asString, field, optionalNumber, type JsonObject } from './json';
import type { PageEnvironment } from './environment';
import type { PageState } from './pageState';

/** The page's own clock ends with the page; the one on the wall may be set by people. */
type Keeper = Pick<PageEnvironment, 'storage' | 'now' | 'wallNow'>;

const KEY = 'chat.tab';
const OUTBOX_MAX = 200;

/** What survives a reload of the tab. */
export interface Saved {
  /** Whose it is: nobody else gets to see it. */
  readonly user: string;
  readonly rooms: readonly string[];
  readonly active: string | undefined;
  readonly outbox: Outbox;
  readonly drafts: ReadonlyMap<string, string>;
}

const UNKNOWN: Delivery = { state: 'failed', code: 'unknown_outcome', reason: 'It is not known whether it was stored.' };

function save({ storage, now, wallNow }: Keeper, saved: Saved): void {
  const outbox = saved.outbox.map(({ id, room, text, delivery, firstSentAt }) => ({
    id, room, text, delivery, ...(firstSentAt !== undefined && { sentAgoMs: now() - firstSentAt }),
  }));
  storage.set(KEY, JSON.stringify({ ...saved, outbox, drafts: [...saved.drafts], savedAt: wallNow() }));
}

/**
 * Nothing is kept of a tab in which nobody is signed in.
 * @param shelved Whether what waits is kept elsewhere: two places would be two owners.
 */
export function saveState(keeper: Keeper, { user, rooms, active, outbox, drafts }: PageState, shelved: boolean): void {
  if (user !== undefined) save(keeper, { user, rooms: [...rooms.keys()], active, outbox: shelved ? [] : outbox, drafts });
}

/** @returns Undefined when nothing was saved for this user, or it cannot be read. */
export function restore({ storage, now, wallNow }: Keeper, user: string): Saved | undefined {
  const stored = storage.get(KEY);
  if (stored === null) return undefined;
  try {
    const object = asObject(JSON.parse(stored));
    if (field(object, 'user', asString) !== user) return undefined;
    const awayMs = wallNow() - (optionalNumber(object, 'savedAt') ?? 0);
    const active = object.get('active');
    return {
      user,
      rooms: field(object, 'rooms', (value) => asArray(value, asString)),
      active: typeof active === 'string' ? active : undefined,
      outbox: field(object, 'outbox', (value) => asArray(value, (entry) => readEntry(asObject(entry), now(), awayMs))).slice(-OUTBOX_MAX),
      drafts: new Map(asArray(object.get('drafts') ?? [], readDraft)),
    };
  } catch {
    return undefined;
  }
}

export function forget({ storage }: Pick<Keeper, 'storage'>): void {
  storage.set(KEY, null);
}

function readDraft(value: unknown): readonly [string, string] {
  const [room, text] = asArray(value, asString);
  if (room === undefined || text === undefined) throw new TypeError('not a draft');
  return [room, text];
}

/** @param awayMs How long ago it was saved; below zero when the clock was set back, so that nobody knows. */
function readEntry(object: JsonObject, now: number, awayMs: number): OutboxEntry {
  const sentAgoMs = optionalNumber(object, 'sentAgoMs');
  const delivery = sentAgoMs !== undefined && awayMs < 0 ? UNKNOWN : field(object, 'delivery', readDelivery);
  return {
    id: field(object, 'id', asString),
    room: field(object, 'room', asString),
    text: field(object, 'text', asString),
    delivery,
    firstSentAt: sentAgoMs === undefined ? undefined : now - sentAgoMs - awayMs,
    notBefore: 0,
  };
}

/** Stored or not, an entry that had no copy yet is sent again: the id makes that safe, for as long as nodes remember it. */
function readDelivery(value: unknown): Delivery {
  const object = asObject(value);
  if (field(object, 'state', asString) !== 'failed') return { state: 'pending' };
  return { state: 'failed', code: field(object, 'code', asString), reason: field(object, 'reason', asString) };
}
