import type { Message } from '@chat/client';
import { Budget } from './budget';
import { formatTraceparent, KIND, parseTraceparent, roomOfSpan, type Span, type SpanContext } from './span';

/** Spans of one page: a busy room must not make it a burden to itself. */
const SPANS_PER_SECOND = 10;
const SPANS_BURST = 50;
/** Messages under way at a time. */
const OPEN_MAX = 200;

export interface TraceWorld {
  /** A clock that only goes on, in milliseconds. */
  readonly now: () => number;
  readonly wallNow: () => number;
  /** So many random bytes, as hexadecimal digits. */
  readonly randomHex: (bytes: number) => string;
}

interface Sending extends SpanContext {
  readonly room: string;
  readonly begunAt: number;
  readonly begunWall: number;
  readonly tries: number;
}

interface Arrival {
  readonly at: number;
  readonly wall: number;
}

/**
 * The two ends of a message's trace: `send`, from the key that sent it to the word that it is stored, and `render`, from the frame
 * to the screen, a child of the storing.
 */
export class MessageTraces {
  readonly #world: TraceWorld;
  readonly #record: (span: Span) => void;
  readonly #budget: Budget;
  readonly #sending = new Map<string, Sending>();
  readonly #arrived = new Map<Message, Arrival>();

  constructor(world: TraceWorld, record: (span: Span) => void) {
    this.#world = world;
    this.#record = record;
    this.#budget = new Budget(world.now, SPANS_PER_SECOND, SPANS_BURST);
  }

  /** The person sends it; it may wait here before it goes out. */
  begin(id: string, room: string): void {
    if (this.#sending.has(id) || this.#sending.size >= OPEN_MAX || !this.#budget.take()) return;
    const { now, wallNow, randomHex } = this.#world;
    this.#sending.set(id, { traceId: randomHex(16), spanId: randomHex(8), room, begunAt: now(), begunWall: wallNow(), tries: 0 });
  }

  /** It goes out, once more perhaps. */
  goesOut(id: string, room: string): string | undefined {
    this.begin(id, room);
    const sending = this.#sending.get(id);
    if (!sending) return undefined;
    this.#sending.set(id, { ...sending, tries: sending.tries + 1 });
    return formatTraceparent(sending);
  }

  /** @param error Why it was not stored. */
  settled(id: string, error?: string): void {
    const sending = this.#sending.get(id);
    if (!this.#sending.delete(id) || !sending) return;
    const { traceId, spanId, room, tries, begunAt, begunWall } = sending;
    this.#record({
      traceId, spanId,
      name: `send ${roomOfSpan(room)}`,
      kind: KIND.producer,
      startMs: begunWall,
      endMs: begunWall + this.#world.now() - begunAt,
      attributes: { ...names('send', room), 'messaging.message.id': id, 'chat.tries': tries },
      ...(error !== undefined && { error }),
    });
  }

  /** The person gave it up: nothing happened that anybody would look for. */
  forget(id: string): void {
    this.#sending.delete(id);
  }

  /** Its frame is here, and it is about to be drawn. */
  arrived(message: Message): void {
    if (!parseTraceparent(message.traceparent) || !this.#budget.take()) return;
    const oldest = this.#arrived.size >= OPEN_MAX ? this.#arrived.keys().next().value : undefined;
    if (oldest) this.#arrived.delete(oldest);
    this.#arrived.set(message, { at: this.#world.now(), wall: this.#world.wallNow() });
  }

  /** It is on the screen. */
  drawn(message: Message, node: string | undefined): void {
    const arrival = this.#arrived.get(message);
    const stored = parseTraceparent(message.traceparent);
    if (!arrival || !stored) return;
    this.#arrived.delete(message);
    this.#record({
      traceId: stored.traceId,
      spanId: this.#world.randomHex(8),
      parentSpanId: stored.spanId,
      name: `render ${roomOfSpan(message.room)}`,
      kind: KIND.consumer,
      startMs: arrival.wall,
      endMs: arrival.wall + this.#world.now() - arrival.at,
      attributes: {
        ...names('process', message.room),
        'messaging.message.id': message.id,
        'chat.position.epoch': message.position.epoch,
        'chat.position.offset': message.position.offset,
        ...(node !== undefined && { 'chat.node.id': node }),
      },
    });
  }
}

function names(operation: string, room: string): Record<string, string> {
  const direct = roomOfSpan(room);
  return {
    'messaging.operation.name': operation === 'process' ? 'render' : operation,
    'messaging.operation.type': operation,
    [direct === room ? 'messaging.destination.name' : 'messaging.destination.template']: direct,
  };
}
