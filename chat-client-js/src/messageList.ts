import type { Message } from './frames.js';

/** So much of what was dropped at the front may stay in memory before the rest moves into an array of its own. */
const SLACK = 1_024;

/**
 * An immutable list of messages that grows cheaply at its end: lists share one array, of which each sees its own part.
 * An array copied for every message would cost more the more a room has said.
 */
export class MessageList implements Iterable<Message> {
  static readonly EMPTY = new MessageList([], 0, 0);
  readonly #shared: Message[];
  readonly #start: number;
  readonly #end: number;

  private constructor(shared: Message[], start: number, end: number) {
    this.#shared = shared;
    this.#start = start;
    this.#end = end;
  }

  static of(messages: readonly Message[]): MessageList {
    return messages.length === 0 ? MessageList.EMPTY : new MessageList([...messages], 0, messages.length);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Messages that are in memory for this list: some at the front may have been dropped already. */
  get retained(): number {
    return this.#shared.length;
  }

  /** @param index Counted from the end when negative. */
  at(index: number): Message | undefined {
    const place = index < 0 ? this.#end + index : this.#start + index;
    return place >= this.#start && place < this.#end ? this.#shared[place] : undefined;
  }

  /** @param start Not negative. */
  slice(start: number, end: number = this.length): readonly Message[] {
    return this.#shared.slice(Math.min(this.#start + start, this.#end), Math.min(this.#start + end, this.#end));
  }

  *[Symbol.iterator](): Iterator<Message> {
    for (let place = this.#start; place < this.#end; place += 1) {
      const message = this.#shared[place];
      if (message) yield message;
    }
  }

  append(newer: readonly Message[]): MessageList {
    if (newer.length === 0) return this;
    // Only the list that sees the array's end may add to it; another one that went on from here has its own.
    const mayShare = this.#shared.length === this.#end && this !== MessageList.EMPTY && this.#start <= SLACK + this.length;
    const shared = mayShare ? this.#shared : this.#shared.slice(this.#start, this.#end);
    const start = mayShare ? this.#start : 0;
    for (const message of newer) shared.push(message);
    return new MessageList(shared, start, shared.length);
  }

  prepend(older: readonly Message[]): MessageList {
    return older.length === 0 ? this : MessageList.of([...older, ...this.slice(0)]);
  }

  /** The newest of them. */
  newest(count: number): MessageList {
    return count >= this.length ? this : new MessageList(this.#shared, this.#end - count, this.#end);
  }
}
