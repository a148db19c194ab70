import { UNKNOWN_OUTCOME } from './errors.js';
import type { Outbox, OutboxEntry } from './outbox.js';

/** One text that is not known to be stored, as it is kept over the end of a program: plain data, for JSON or a database. */
export interface KeptMessage {
  readonly id: string;
  readonly room: string;
  readonly text: string;
  /** By the clock on the wall, the only one that outlives a program. Absent while it never went out. */
  readonly firstSentAt?: number;
  /** It was refused, or given up. */
  readonly failed?: { readonly code: string; readonly reason: string };
}

/** The two clocks of this life: the client's own, and the one on the wall, both in milliseconds. */
export interface Clocks {
  readonly now: () => number;
  readonly wallNow: () => number;
}

/** A text with no copy yet is kept even if it was acked: under its id it can be sent again, and is stored once. */
export function keep({ id, room, text, delivery, firstSentAt }: OutboxEntry, { now, wallNow }: Clocks): KeptMessage {
  return {
    id, room, text,
    ...(firstSentAt !== undefined && { firstSentAt: wallNow() - (now() - firstSentAt) }),
    ...(delivery.state === 'failed' && { failed: { code: delivery.code, reason: delivery.reason } }),
  };
}

/**
 * What to give a new client as its `outbox`. A text that went out in the future, by a clock that was set back since, may be
 * of any age: it fails, and a person decides.
 */
export function restoreKept(kept: readonly KeptMessage[], { now, wallNow }: Clocks): Outbox {
  return kept.map(({ id, room, text, firstSentAt, failed }): OutboxEntry => {
    const agoMs = firstSentAt === undefined ? undefined : wallNow() - firstSentAt;
    const unknown = agoMs !== undefined && agoMs < 0 ? { code: UNKNOWN_OUTCOME, reason: 'It is not known whether it was stored.' } : undefined;
    const failure = failed ?? unknown;
    return {
      id, room, text,
      delivery: failure ? { state: 'failed', ...failure } : { state: 'pending' },
      firstSentAt: agoMs === undefined ? undefined : now() - agoMs,
      notBefore: 0,
    };
  });
}
