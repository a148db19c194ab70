import { backoffDelay } from './backoff.js';
import type { ResolvedOptions } from './options.js';
import type { RoomState } from './roomState.js';

/** At least so long after the node said "not now". */
const REFUSED_MIN_MS = 250;
/** When a node has its store back, all rooms of all its clients want to be joined: each within this time. */
const SPREAD_MS = 1_000;

export type JoinOptions = Pick<ResolvedOptions, 'joinTimeoutMs' | 'joinTimeoutMaxMs' | 'retryMinMs' | 'retryMaxMs'>;

interface Try {
  readonly count: number;
  readonly notBefore: number;
}

/** Which rooms to join when. It never gives up: a store that was away for an hour must not leave a room stuck for good. */
export class Joins {
  readonly #tries = new Map<string, Try>();
  readonly #options: JoinOptions;
  readonly #random: () => number;

  constructor(options: JoinOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** Notes that a join goes out now. @returns False when it is not needed, or not yet. */
  claim(room: RoomState, now: number): boolean {
    if (room.phase === 'refused' || (room.phase === 'live' && !room.gap)) {
      this.#tries.delete(room.name);
      return false;
    }
    const earlier = this.#tries.get(room.name);
    if (earlier && now < earlier.notBefore) return false;
    const count = earlier?.count ?? 0;
    const waitMs = Math.min(this.#options.joinTimeoutMaxMs, this.#options.joinTimeoutMs * 2 ** Math.min(count, 20));
    this.#tries.set(room.name, { count: count + 1, notBefore: now + waitMs });
    return true;
  }

  /** The node could not, for now. */
  refused(room: string, now: number): void {
    const count = this.#tries.get(room)?.count ?? 1;
    const backoff = { baseMs: this.#options.retryMinMs, capMs: this.#options.retryMaxMs };
    this.#tries.set(room, { count, notBefore: now + REFUSED_MIN_MS + backoffDelay(backoff, count - 1, this.#random()) });
  }

  /** What stood in the way is gone: all that still wait go again, soon but not all at once. */
  hurry(now: number): void {
    for (const [room] of this.#tries) this.#tries.set(room, { count: 0, notBefore: now + this.#random() * SPREAD_MS });
  }

  /** Somebody asks anew. */
  forget(room: string): void {
    this.#tries.delete(room);
  }

  /** Another connection: nothing has been asked on it yet. */
  reset(): void {
    this.#tries.clear();
  }
}
