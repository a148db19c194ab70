import { backoffDelay } from './backoff.js';
import type { ChatState } from './chatState.js';
import type { Environment } from './environment.js';
import { ChatError, OUTBOX_FULL } from './errors.js';
import type { ClientFrame, NackFrame, Position } from './frames.js';
import type { ResolvedOptions } from './options.js';
import * as outbox from './outbox.js';
import { encodeClientFrame } from './protocol.js';
import type { Store } from './store.js';

interface InFlight {
  readonly id: string;
  /** When it went out last. */
  readonly at: number;
  /** When it went out first on this connection. */
  readonly since: number;
}

interface Waiting {
  readonly stored: (position: Position) => void;
  readonly failed: (error: ChatError) => void;
}

type SenderOptions = Pick<ResolvedOptions, 'ackTimeoutMs' | 'outboxMessagesMax' | 'retryMinMs' | 'retryMaxMs' | 'safeRetryMs' | 'traceparent'>;

/** Sends what waits in the outbox: one text per room at a time, so that retries keep the order in which they were written. */
export class Sender {
  readonly #env: Environment;
  readonly #options: SenderOptions;
  readonly #store: Store<ChatState>;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #refusals = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(env: Environment, options: SenderOptions, store: Store<ChatState>, send: (frame: ClientFrame) => boolean) {
    this.#env = env;
    this.#options = options;
    this.#store = store;
    this.#send = send;
  }

  /** @returns The message's id. @throws {ChatError} when the text cannot be taken; then nothing was. */
  enqueue(room: string, text: string, id: string): string {
    const { limits, outbox: waiting } = this.#store.get();
    if (text === '') throw new ChatError('text_empty', 'There is nothing to send.', room);
    if (utf8Length(text) > limits.textBytesMax) {
      throw new ChatError('text_too_long', `A message may have up to ${limits.textBytesMax} bytes.`, room);
    }
    // A trace context comes on top; JSON escapes may make a short text long.
    if (utf8Length(encodeClientFrame({ type: 'send', room, id, text })) > limits.frameBytesMax - TRACEPARENT_BYTES) {
      throw new ChatError('text_too_long', 'This message is too long to send.', room);
    }
    if (waiting.some((entry) => entry.id === id)) return id;
    if (waiting.length >= this.#options.outboxMessagesMax) throw new ChatError(OUTBOX_FULL, 'Too many messages are waiting to be sent.', room);
    this.#change((entries) => outbox.enqueue(entries, { id, room, text }));
    this.flush(room);
    return id;
  }

  /** Beyond the limit, too: nothing that waits may be lost. */
  takeUp(entries: outbox.Outbox): void {
    this.#change((mine) => {
      const known = new Set(mine.map(({ id }) => id));
      const news = entries.filter(({ id }) => !known.has(id));
      return news.length === 0 ? mine : [...mine, ...news];
    });
    this.flushAll();
  }

  /** Where the message was stored, once it is. */
  outcome(id: string): Promise<Position> {
    return new Promise((stored, failed) => {
      const before = this.#waiting.get(id);
      this.#waiting.set(id, {
        stored: (position) => {
          before?.stored(position);
          stored(position);
        },
        failed: (error) => {
          before?.failed(error);
          failed(error);
        },
      });
    });
  }

  retry(id: string): void {
    this.#change((entries) => outbox.retry(entries, id));
    this.flushAll();
  }

  discard(id: string): void {
    this.#refusals.delete(id);
    this.#change((entries) => outbox.discard(entries, id));
    this.#fail(id, new ChatError('discarded', 'The message was discarded.'));
  }

  /** Whoever waits for a message to be stored, in a room or anywhere, is told that it will not be; so it is not sent any more. */
  failAll(error: ChatError, room?: string): void {
    for (const { id, room: name } of this.#store.get().outbox) {
      if ((room !== undefined && name !== room) || !this.#waiting.has(id)) continue;
      this.#fail(id, error);
      this.#change((entries) => outbox.discard(entries, id));
    }
  }

  acked(id: string, position: Position): void {
    this.stored(id, position);
    this.#change((entries) => outbox.applyAck(entries, id, position));
    this.#answered(id);
  }

  /** Its own copy has arrived, or its ack. */
  stored(id: string, position: Position): void {
    this.#refusals.delete(id);
    this.#waiting.get(id)?.stored(position);
    this.#waiting.delete(id);
  }

  nacked(nack: NackFrame): void {
    const refusals = this.#refusals.get(nack.id) ?? 0;
    this.#refusals.set(nack.id, refusals + 1);
    const waitMs = (nack.retryAfterMs ?? 0) + backoffDelay({ baseMs: this.#options.retryMinMs, capMs: this.#options.retryMaxMs }, refusals, this.#env.random());
    this.#change((entries) => outbox.applyNack(entries, nack, this.#env.now() + waitMs));
    if (!outbox.retries(nack)) {
      this.#refusals.delete(nack.id);
      this.#fail(nack.id, new ChatError(nack.code, nack.message));
    }
    this.#answered(nack.id);
  }

  /** Sends the next text of a room, if one is due and none is on its way. */
  flush(room: string): void {
    this.#expire();
    const state = this.#store.get();
    const now = this.#env.now();
    if (state.rooms.get(room)?.phase !== 'live' || this.#waitsForAnswer(room, now)) return;
    const entry = outbox.nextToSend(state.outbox, room, now);
    if (!entry) return;
    const traceparent = this.#options.traceparent?.({ id: entry.id, room });
    const frame: ClientFrame = { type: 'send', room, id: entry.id, text: entry.text, ...(traceparent !== undefined && { traceparent }) };
    if (!this.#send(frame)) return;
    const before = this.#inFlight.get(room);
    this.#inFlight.set(room, { id: entry.id, at: now, since: before?.id === entry.id ? before.since : now });
    this.#change((entries) => outbox.markSent(entries, entry.id, now));
  }

  flushAll(): void {
    this.#expire();
    for (const room of this.#store.get().rooms.keys()) this.flush(room);
  }

  /** Before anything goes out: a device that slept wakes up with messages that are too old to be sent again. */
  #expire(): void {
    const before = this.#store.get().outbox;
    this.#change((entries) => outbox.expire(entries, this.#env.now(), this.#options.safeRetryMs));
    if (this.#store.get().outbox === before) return;
    for (const { id, delivery } of this.#store.get().outbox) {
      if (delivery.state === 'failed' && before.some((entry) => entry.id === id && entry.delivery.state !== 'failed')) {
        this.#fail(id, new ChatError(delivery.code, delivery.reason));
      }
    }
  }

  /** Whether a message had to be sent again on this connection and still has no answer. */
  get late(): boolean {
    return [...this.#inFlight.values()].some(({ at, since }) => at > since);
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
    return entry?.delivery.state === 'pending' && now < flying.at + this.#options.ackTimeoutMs;
  }

  #answered(id: string): void {
    for (const [room, flying] of this.#inFlight) {
      if (flying.id !== id) continue;
      this.#inFlight.delete(room);
      this.flush(room);
    }
  }

  #fail(id: string, error: ChatError): void {
    this.#waiting.get(id)?.failed(error);
    this.#waiting.delete(id);
  }

  #change(update: (entries: outbox.Outbox) => outbox.Outbox): void {
    this.#store.update((state) => {
      const changed = update(state.outbox);
      return changed === state.outbox ? state : { ...state, outbox: changed };
    });
  }
}

/** `,"traceparent":"00-…"` with its 55 characters. */
const TRACEPARENT_BYTES = 72;

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
