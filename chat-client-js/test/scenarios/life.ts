import type { Environment, SocketHandlers } from '../../src/environment.js';
import { steadyClock } from '../../src/environment.js';
import type { KeptMessage } from '../../src/keeping.js';
import { FakeWorld } from '../world.js';

/** A connection as a scenario's node sees it. */
export class Connection {
  /** Frames of the client that no step has looked at yet. */
  heard: Record<string, unknown>[] = [];
  /** The client has ended it, or the node. */
  closed = false;
  readonly #handlers: SocketHandlers;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
  }

  say(frame: object): void {
    this.#handlers.onText(JSON.stringify(frame));
  }

  end(code: number): void {
    this.closed = true;
    this.#handlers.onClose(code);
  }
}

/** A world whose clock on the wall can jump, and which outlives the programs in it. */
export class ScenarioWorld extends FakeWorld {
  /** Tries that no step has looked at yet, oldest first. */
  readonly attempts: Connection[] = [];
  /** What is kept over the end of a program. */
  readonly kept = new Map<string, KeptMessage>();
  storageThrows = false;
  #ahead = 0;

  get wallNow(): number {
    return this.now + this.#ahead;
  }

  /** Somebody has set the clock on the wall, or the machine has slept, while timers stood still. */
  jump(byMs: number): void {
    this.#ahead += byMs;
  }

  /** One program's view of the world; once it is dead, nothing of it goes on. */
  life(): { readonly environment: Environment; readonly end: () => void } {
    const whole = this.environment;
    let alive = true;
    const ifAlive = (run: () => void) => () => {
      if (alive) run();
    };
    const environment: Environment = {
      ...whole,
      now: steadyClock(() => this.now, () => this.wallNow),
      after: (delayMs, run) => whole.after(delayMs, ifAlive(run)),
      openSocket: (_, handlers) => {
        const connection = new Connection(handlers);
        this.attempts.push(connection);
        return {
          send: (text) => {
            if (!connection.closed) connection.heard.push(JSON.parse(text) as Record<string, unknown>);
          },
          close: () => {
            connection.closed = true;
          },
        };
      },
    };
    return { environment, end: () => { alive = false; } };
  }
}
