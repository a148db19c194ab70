import { expect } from 'vitest';
import type { Message } from '../src/frames.js';
import type { RoomState } from '../src/roomState.js';
import { message, wire } from './build.js';
import { settled, type FakeSocket, type FakeWorld } from './world.js';

/** What becomes of the next send: stored and acked; stored, and only its copy comes; stored, and nothing comes; or refused. */
export type Fate = 'ack' | 'silent' | 'lost' | 'unavailable' | 'limited' | 'not_joined' | 'epoch';

export type Happening =
  | { readonly do: 'write'; readonly arrives: boolean }
  | { readonly do: 'repeat'; readonly back: number }
  | { readonly do: 'disconnect'; readonly code: number }
  | { readonly do: 'epoch'; readonly lose: number; readonly told: boolean }
  | { readonly do: 'outage' }
  | { readonly do: 'forget'; readonly keep: number }
  | { readonly do: 'time' };

/** A cluster with one room, as one client sees it: a log, and answers that follow `docs/protocol.md`. */
export class LogNode {
  fate: Fate = 'ack';
  refuseHistory = false;
  epoch = 'e0';
  readonly #world: FakeWorld;
  /** Each entry keeps the epoch it was written in; its offset is its place. */
  #log: readonly Message[];
  #first = 1;
  #epochs = 0;
  #away = false;
  #member = false;
  #socket: FakeSocket | undefined;
  #answered = 0;
  readonly #everStored: string[] = [];

  constructor(world: FakeWorld, before: number) {
    this.#world = world;
    this.#log = Array.from({ length: before }, (_, index) => message(index + 1, { epoch: this.epoch }));
  }

  get top(): number {
    return this.#first - 1 + this.#log.length;
  }

  /** Ids of all that the log still has. */
  get held(): readonly string[] {
    return this.#log.map(({ id }) => id);
  }

  /** Ids in the order in which they were first stored. */
  storedBy(author: string): readonly string[] {
    return this.#everStored.filter((id) => id.startsWith(`${author}/`)).map((id) => id.slice(author.length + 1));
  }

  happens(what: Happening): void {
    if (what.do === 'write') this.#write(what.arrives);
    else if (what.do === 'repeat') this.#say(this.#log.at(-1 - what.back));
    else if (what.do === 'disconnect') this.#socket?.close(what.code);
    else if (what.do === 'epoch') this.#beginEpoch(what.lose, what.told);
    else if (what.do === 'outage') this.#setAway(true);
    else if (what.do === 'forget') this.#forget(what.keep);
  }

  /** The end of all faults, and one more message: what is missing before it, if anything is, shows by it. */
  heal(): void {
    this.fate = 'ack';
    this.refuseHistory = false;
    this.#setAway(false);
    this.#write(true);
  }

  /** Answers whatever the client has asked, until it asks nothing more. */
  async settle(): Promise<void> {
    for (;;) {
      await settled();
      this.#welcome();
      const frame = this.#socket?.received[this.#answered];
      if (frame === undefined) return;
      this.#answered += 1;
      this.#answer(JSON.parse(frame) as Record<string, unknown>);
    }
  }

  /** Time in which the node pings, answers, and comes back from an outage at the end. */
  async alive(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await this.#world.pass(1_000);
      await this.settle();
      this.#socket?.say({ type: 'ping' });
      await this.settle();
    }
    this.#setAway(false);
    await this.settle();
  }

  /** What is shown is a part of the log without a hole, as it is or as it was before it began anew, in the room's epoch. */
  expectPartOfLog(room: RoomState | undefined): void {
    if (!room?.last || room.last.epoch !== this.epoch) return;
    const shown = room.messages.slice(0);
    const offsets = shown.map(({ position }) => position.offset);
    expect(offsets).toEqual(offsets.map((_, index) => (room.last?.offset ?? 0) - offsets.length + 1 + index));
    for (const { id, position } of shown) {
      expect(position.epoch).toBe(this.epoch);
      if (position.offset >= this.#first && position.offset <= this.top) expect(id).toBe(this.#log[position.offset - this.#first]?.id);
    }
  }

  #welcome(): void {
    if (this.#world.sockets.length === 0 || this.#world.socket === this.#socket) return;
    this.#socket = this.#world.socket;
    this.#answered = 0;
    this.#member = false;
    this.#socket.hello();
    if (this.#away) this.#socket.say({ type: 'status', degraded: true });
  }

  #answer(frame: Record<string, unknown>): void {
    if (frame['type'] === 'join') this.#join(frame['after'] as { epoch: string; offset: number } | undefined);
    else if (frame['type'] === 'send') this.#send(String(frame['id']));
    else if (frame['type'] === 'history') this.#history(Number(frame['before']), Number(frame['limit']));
    else if (frame['type'] === 'probe') this.#socket?.refuse('unknown_type');
  }

  #join(after: { epoch: string; offset: number } | undefined): void {
    this.#member = false;
    if (this.#away) return this.#socket?.refuse('unavailable', 'lobby');
    this.#member = true;
    const recovered = after === undefined || (after.epoch === this.epoch && after.offset >= this.#first - 1 && after.offset <= this.top);
    const replay = after && recovered ? this.#log.slice(after.offset - this.#first + 1) : this.#log.slice(-50);
    this.#joined(recovered, replay);
  }

  #joined(recovered: boolean, replay: readonly Message[]): void {
    this.#socket?.say({ type: 'joined', room: 'lobby', epoch: this.epoch, offset: this.top, recovered, messages: replay.map(wire), members: ['ada'] });
  }

  #send(id: string): void {
    const fate = this.fate;
    this.fate = 'ack';
    const nack = (code: string, retryable: boolean): void =>
      this.#socket?.say({ type: 'nack', id, code, message: 'No.', retryable, ...(retryable && { retryAfterMs: 100 }) });
    if (fate === 'not_joined' || !this.#member) {
      this.#member = false;
      return nack('not_joined', false);
    }
    if (this.#away) return nack('unavailable', true);
    if (fate === 'limited') return nack('rate_limited', true);
    // Unknown to the node as well: stored this time, as it happens.
    const known = this.#log.find((entry) => entry.author === 'ada' && entry.id === id);
    const stored = known ?? this.#append('ada', id);
    if (fate === 'unavailable') return nack('unavailable', true);
    if (!known && fate !== 'lost') this.#say(stored);
    if (fate === 'epoch') this.#beginEpoch(0, true);
    if (fate === 'ack' || fate === 'epoch') this.#socket?.say({ type: 'ack', id, room: 'lobby', epoch: this.epoch, offset: stored.position.offset });
  }

  #history(before: number, limit: number): void {
    if (!this.#member) return this.#socket?.refuse('not_joined', 'lobby');
    if (this.refuseHistory || this.#away) return this.#socket?.refuse('unavailable', 'lobby');
    const end = Math.max(0, Math.min(before, this.top + 1) - this.#first);
    const page = this.#log.slice(Math.max(0, end - limit), end);
    this.#socket?.say({ type: 'history', room: 'lobby', messages: page.map(wire), more: end - page.length > 0 });
  }

  #write(arrives: boolean): void {
    if (this.#away) return;
    const entry = this.#append('bob', `b${this.#everStored.length}`);
    if (arrives) this.#say(entry);
  }

  #append(author: string, id: string): Message {
    const entry = message(this.top + 1, { epoch: this.epoch, author, id });
    this.#log = [...this.#log, entry];
    this.#everStored.push(`${author}/${id}`);
    return entry;
  }

  #say(entry: Message | undefined): void {
    if (entry && this.#member) this.#socket?.message(entry);
  }

  /** Redis lost the newest of what others wrote, and goes on in another epoch. One's own, once stored, stay: that is another promise. */
  #beginEpoch(lose: number, told: boolean): void {
    this.#epochs += 1;
    this.epoch = `e${this.#epochs}`;
    let lost = lose;
    while (lost > 0 && this.#log.at(-1)?.author === 'bob') {
      this.#log = this.#log.slice(0, -1);
      lost -= 1;
    }
    if (this.#member && told && !this.#away) this.#joined(false, this.#log.slice(-50));
  }

  #forget(keep: number): void {
    const kept = this.#log.slice(-keep);
    this.#first += this.#log.length - kept.length;
    this.#log = kept;
  }

  #setAway(away: boolean): void {
    if (this.#away === away) return;
    this.#away = away;
    this.#socket?.say({ type: 'status', degraded: away });
  }
}
