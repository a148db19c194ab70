import type { ChatError } from './errors.js';
import type { Position } from './frames.js';

/** Somebody is in a direct room with this user, who is not: join it to see what they say. */
export interface Invitation {
  readonly room: string;
  readonly from: string;
}

/** Messages between the two positions could not be recovered: the log no longer reaches back so far, or is another one. */
export interface ContinuityLost {
  readonly room: string;
  readonly from: Position;
  readonly to: Position;
}

export interface ChatEvents {
  readonly invited: Invitation;
  readonly continuityLost: ContinuityLost;
  /** The node refused a frame that nobody waits for an answer to. */
  readonly error: ChatError;
}

type Listener = (event: ChatEvents[keyof ChatEvents]) => void;

export class Listeners {
  readonly #report: (error: unknown) => void;
  readonly #listeners = new Map<keyof ChatEvents, Set<Listener>>();

  /** @param report What to do with what a listener throws. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, listeners);
    const added: Listener = (event) => listener(event as ChatEvents[Name]);
    listeners.add(added);
    return () => void listeners.delete(added);
  }

  tell<Name extends keyof ChatEvents>(name: Name, event: ChatEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(event);
      } catch (error) {
        this.#report(error);
      }
    }
  }
}
