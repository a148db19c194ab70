import type { RoomState } from '../state/room';

/** How long a first join may go unanswered, or leave a gap, before it is repeated; doubles with each try. */
const AGAIN_AFTER_MS = 5_000;
/** Tries for one room on one connection. A room that is refused stays refused. */
const TRIES_MAX = 5;

/** Which rooms to join when, so that neither silence nor a log with a hole makes a loop of joins. */
export class Joins {
  readonly #tries = new Map<string, { readonly at: number; readonly count: number }>();

  /** Notes that a join goes out now. @returns False when it is not needed, or not yet. */
  claim(room: RoomState, now: number): boolean {
    if (room.phase === 'live' && !room.gap) {
      this.#tries.delete(room.name);
      return false;
    }
    const earlier = this.#tries.get(room.name);
    const count = earlier?.count ?? 0;
    if (earlier && (count >= TRIES_MAX || now < earlier.at + AGAIN_AFTER_MS * 2 ** (count - 1))) return false;
    this.#tries.set(room.name, { at: now, count: count + 1 });
    return true;
  }

  /** A person asks again. */
  forget(room: string): void {
    this.#tries.delete(room);
  }

  /** Another connection: nothing has been asked on it yet. */
  reset(): void {
    this.#tries.clear();
  }
}
