import { UNKNOWN_OUTCOME } from './errors.js';
import type { Message, NackFrame, Position } from './frames.js';

export type Delivery =
  | { readonly state: 'pending' }
  /** Stored; its own copy from the room has not arrived yet. */
  | { readonly state: 'sent'; readonly position: Position }
  | { readonly state: 'failed'; readonly code: string; readonly reason: string };

export interface OutboxEntry {
  /** Chosen here and kept over every retry, so that it is stored once. */
  readonly id: string;
  readonly room: string;
  readonly text: string;
  readonly delivery: Delivery;
  /** When it first went out, by the client's clock; undefined while it never has. */
  readonly firstSentAt: number | undefined;
  /** Not to be sent again before this time. */
  readonly notBefore: number;
}

export type Outbox = readonly OutboxEntry[];

export const NOT_JOINED = 'not_joined';

/** Too old to be sent again by itself: the node may have stored it and forgotten its id since. */
export const UNKNOWN: Delivery = { state: 'failed', code: UNKNOWN_OUTCOME, reason: 'No answer: it is not known whether it was stored.' };

export function enqueue(outbox: Outbox, entry: { readonly id: string; readonly room: string; readonly text: string }): Outbox {
  return [...outbox, { ...entry, delivery: { state: 'pending' }, firstSentAt: undefined, notBefore: 0 }];
}

/** The next text of a room to send. One at a time and oldest first, so that a retry cannot overtake. */
export function nextToSend(outbox: Outbox, room: string, now: number): OutboxEntry | undefined {
  const head = outbox.find((entry) => entry.room === room && entry.delivery.state === 'pending');
  return head && head.notBefore <= now ? head : undefined;
}

export function markSent(outbox: Outbox, id: string, now: number): Outbox {
  return change(outbox, id, (entry) => ({ ...entry, firstSentAt: entry.firstSentAt ?? now }));
}

export function applyAck(outbox: Outbox, id: string, position: Position): Outbox {
  return change(outbox, id, (entry) => ({ ...entry, delivery: { state: 'sent', position } }));
}

export function applyNack(outbox: Outbox, nack: NackFrame, retryAt: number): Outbox {
  return change(outbox, nack.id, (entry) =>
    retries(nack) ? { ...entry, notBefore: retryAt } : { ...entry, delivery: { state: 'failed', code: nack.code, reason: nack.message } },
  );
}

/** A membership that the node does not have is asked for anew; the text waits for that. */
export function retries({ retryable, code }: NackFrame): boolean {
  return retryable || code === NOT_JOINED;
}

/** A person asks for one more try. */
export function retry(outbox: Outbox, id: string): Outbox {
  return change(outbox, id, (entry) => ({ ...entry, delivery: { state: 'pending' }, firstSentAt: undefined, notBefore: 0 }));
}

export function discard(outbox: Outbox, id: string): Outbox {
  return outbox.filter((entry) => entry.id !== id);
}

/** Gives up on what has been tried for so long that another try might store it twice. */
export function expire(outbox: Outbox, now: number, safeRetryMs: number): Outbox {
  const old = outbox.filter(
    ({ delivery, firstSentAt }) => delivery.state === 'pending' && firstSentAt !== undefined && now - firstSentAt > safeRetryMs,
  );
  return old.reduce<Outbox>(
    (rest, { id }) =>
      change(rest, id, (entry) => ({ ...entry, delivery: UNKNOWN })),
    outbox,
  );
}

/** Lets go of entries whose own copy has arrived in the room, acked or not. */
export function settle(outbox: Outbox, user: string, messages: readonly Message[]): Outbox {
  const arrived = new Set(messages.filter((message) => message.author === user).map((message) => message.id));
  return keep(outbox, (entry) => !arrived.has(entry.id));
}

/** Lets go of stored entries of a room whose timeline has passed them, or whose log has begun anew. */
export function settleAcked(outbox: Outbox, room: string, last: Position): Outbox {
  return keep(outbox, (entry) => {
    if (entry.room !== room || entry.delivery.state !== 'sent') return true;
    const { epoch, offset } = entry.delivery.position;
    return epoch === last.epoch && offset > last.offset;
  });
}

function keep(outbox: Outbox, wanted: (entry: OutboxEntry) => boolean): Outbox {
  const kept = outbox.filter(wanted);
  return kept.length === outbox.length ? outbox : kept;
}

function change(outbox: Outbox, id: string, update: (entry: OutboxEntry) => OutboxEntry): Outbox {
  return outbox.some((entry) => entry.id === id) ? outbox.map((entry) => (entry.id === id ? update(entry) : entry)) : outbox;
}
