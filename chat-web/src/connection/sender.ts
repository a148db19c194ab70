import type { ClientFrame, NackFrame, Position } from '../frames';
import { encodeClientFrame } from '../protocol';
import type { ChatState } from '../state/chat';
import * as outbox from '../state/outbox';
import type { Store } from '../store';
import { backoffDelay, type Backoff } from './backoff';
import type { Environment } from './environment';

/** Without an answer for so long, a text is sent again with the same id. */
export const ACK_WITHIN_MS = 10_000;
const RETRY: Backoff = { baseMs: 1_000, capMs: 15_000 };

interface InFlight {
  readonly id: string;
  readonly at: number;
}

/** Sends what waits in the outbox: one text per room at a time, so that retries keep the order in which they were written. */
export class Sender {
  readonly #env: Environment;
  readonly #store: Store<ChatState>;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #refusals = new Map<string, number>();

  constructor(env: Environment, store: Store<ChatState>, send: (frame: ClientFrame) => boolean) {
    this.#env = env;
    this.#store = store;
    this.#send = send;
  }

  /** @returns Why the text cannot be sent, or undefined when it is in the outbox. */
  enqueue(room: string, text: string): string | undefined {
    const { limits, outbox: waiting } = this.#store.get();
    const id = this.#env.newId();
    if (utf8Length(text) > limits.textBytesMax) return `A message may have up to ${limits.textBytesMax} bytes.`;
    if (utf8Length(encodeClientFrame({ type: 'send', room, id, text })) > limits.frameBytesMax) return 'This message is too long to send.';
    if (waiting.length >= outbox.OUTBOX_MAX) return 'Too many messages are waiting to be sent.';
    this.#change((entries) => outbox.enqueue(entries, { id, room, text }));
    this.flush(room);
    return undefined;
  }

  retry(id: string): void {
    this.#change((entries) => outbox.retry(entries, id));
    this.flushAll();
  }

  discard(id: string): void {
    this.#refusals.delete(id);
    this.#change((entries) => outbox.discard(entries, id));
  }

  acked(id: string, position: Position): void {
    this.#refusals.delete(id);
    this.#change((entries) => outbox.applyAck(entries, id, position));
    this.#answered(id);
  }

  nacked(nack: NackFrame): void {
    const refusals = this.#refusals.get(nack.id) ?? 0;
    this.#refusals.set(nack.id, refusals + 1);
    const waitMs = (nack.retryAfterMs ?? 0) + backoffDelay(RETRY, refusals, this.#env.random());
    this.#change((entries) => outbox.applyNack(entries, nack, this.#env.now() + waitMs));
    if (!nack.retryable) this.#refusals.delete(nack.id);
    this.#answered(nack.id);
  }

  /** Sends the next text of a room, if one is due and none is on its way. */
  flush(room: string): void {
    const state = this.#store.get();
    const now = this.#env.now();
    if (state.rooms.get(room)?.phase !== 'live' || this.#waitsForAnswer(room, now)) return;
    const entry = outbox.nextToSend(state.outbox, room, now);
    if (!entry || !this.#send({ type: 'send', room, id: entry.id, text: entry.text })) return;
    this.#inFlight.set(room, { id: entry.id, at: now });
    this.#change((entries) => outbox.markSent(entries, entry.id, now));
  }

  flushAll(): void {
    this.#change((entries) => outbox.expire(entries, this.#env.now()));
    for (const room of this.#store.get().rooms.keys()) this.flush(room);
  }

  /** Another connection: what was on its way on the last one is sent again. */
  reset(): void {
    this.#inFlight.clear();
  }

  #waitsForAnswer(room: string, now: number): boolean {
    const flying = this.#inFlight.get(room);
    if (!flying) return false;
    // Gone from the outbox, or no longer pending: its own copy was the answer.
    const entry = this.#store.get().outbox.find(({ id }) => id === flying.id);
    return entry?.delivery.state === 'pending' && now < flying.at + ACK_WITHIN_MS;
  }

  #answered(id: string): void {
    for (const [room, flying] of this.#inFlight) {
      if (flying.id !== id) continue;
      this.#inFlight.delete(room);
      this.flush(room);
    }
  }

  #change(update: (entries: outbox.Outbox) => outbox.Outbox): void {
    this.#store.update((state) => {
      const changed = update(state.outbox);
      return changed === state.outbox ? state : { ...state, outbox: changed };
    });
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
