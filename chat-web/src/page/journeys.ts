import type { ChatState, Message, RoomState } from '@chat/client';
import { EXPORTER_DEFAULTS, Exporter } from '../trace/exporter';
import { MessageTraces, type TraceWorld } from '../trace/messageTraces';
import type { Span } from '../trace/span';
import type { PageEnvironment } from './environment';

/** Messages whose times at this page are remembered; the oldest are forgotten. */
const REMEMBERED_MAX = 2_000;

/** What this page knows of a message's way, in milliseconds since 1970 by this device's clock. */
export interface Seen {
  /** The person pressed Send here. */
  readonly written?: number;
  /** It went out last. */
  readonly sent?: number;
  /** The node said that it is stored. */
  readonly stored?: number;
  /** Its frame came, live. */
  readonly arrived?: number;
  /** It was on the screen. */
  readonly drawn?: number;
}

/** Follows messages from the key that sent them to the screen that shows them, and makes spans of it where somebody records them. */
export class Journeys {
  readonly #world: TraceWorld;
  readonly #traces: MessageTraces | undefined;
  readonly #seen = new Map<string, Seen>();
  #storedInMs: number | undefined;

  readonly #exporter: Exporter | undefined;

  /** @param exporter Undefined where nobody takes spans. */
  constructor(world: TraceWorld, exporter: Exporter | undefined) {
    this.#world = world;
    this.#exporter = exporter;
    this.#traces = exporter && new MessageTraces(world, (span: Span) => exporter.add(span));
  }

  /** When a person looks away, there may be no later. */
  flush(): void {
    void this.#exporter?.flush();
  }

  /** How long the newest message of one's own took from here into the log and back. */
  get storedInMs(): number | undefined {
    return this.#storedInMs;
  }

  seen(author: string, id: string): Seen {
    return this.#seen.get(key(author, id)) ?? {};
  }

  written(user: string, id: string, room: string): void {
    this.#note(user, id, { written: this.#world.wallNow() });
    this.#traces?.begin(id, room);
  }

  /** @returns The trace context to send along. */
  goesOut(user: string, id: string, room: string): string | undefined {
    this.#note(user, id, { sent: this.#world.wallNow() });
    return this.#traces?.goesOut(id, room);
  }

  discarded(id: string): void {
    this.#traces?.forget(id);
  }

  /** What became of one's own messages, and what came from others into the room one looks at. */
  changed(before: ChatState, now: ChatState, active: string | undefined): void {
    if (before.outbox !== now.outbox) this.#settle(before, now);
    const room = now.rooms.get(active ?? '');
    const earlier = before.rooms.get(active ?? '');
    if (!room || !earlier || room.messages === earlier.messages) return;
    for (const message of arrivedLive(earlier, room)) {
      this.#note(message.author, message.id, { arrived: this.#world.wallNow() });
      this.#traces?.arrived(message);
    }
  }

  drawn(message: Message, node: string | undefined): void {
    const { arrived, drawn } = this.seen(message.author, message.id);
    if (arrived === undefined || drawn !== undefined) return;
    this.#note(message.author, message.id, { drawn: this.#world.wallNow() });
    this.#traces?.drawn(message, node);
  }

  #settle({ outbox, user }: ChatState, now: ChatState): void {
    const after = new Map(now.outbox.map((entry) => [entry.id, entry.delivery]));
    for (const { id, delivery } of outbox) {
      const next = after.get(id);
      if (delivery.state !== 'pending' || next?.state === 'pending') continue;
      this.#traces?.settled(id, next?.state === 'failed' ? next.code : undefined);
      const { sent } = this.seen(user ?? '', id);
      if (next?.state === 'failed' || sent === undefined) continue;
      const stored = this.#world.wallNow();
      this.#note(user ?? '', id, { stored });
      this.#storedInMs = Math.max(0, stored - sent);
    }
  }

  #note(author: string, id: string, what: Seen): void {
    const name = key(author, id);
    const seen = { ...this.#seen.get(name), ...what };
    this.#seen.delete(name);
    this.#seen.set(name, seen);
    if (this.#seen.size <= REMEMBERED_MAX) return;
    const oldest = this.#seen.keys().next().value;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** Each page is an instance of its own, so that a trace tells two browsers apart. */
export function exporterOf({ after, postSpans, randomHex }: PageEnvironment): Exporter | undefined {
  const resource = { 'service.name': 'browser', 'service.instance.id': randomHex(4) };
  return postSpans && new Exporter({ after, post: postSpans }, resource, EXPORTER_DEFAULTS);
}

function key(author: string, id: string): string {
  return `${author}\n${id}`;
}

/** What a join brings was said before, and is not on its way. */
function arrivedLive(before: RoomState, after: RoomState): readonly Message[] {
  if (before.phase !== 'live' || after.phase !== 'live' || !before.last || after.last?.epoch !== before.last.epoch) return [];
  const count = Math.min(after.last.offset - before.last.offset, after.messages.length);
  return count > 0 ? after.messages.slice(after.messages.length - count) : [];
}
