import { keep, restoreKept, type ChatClient, type Clocks, type Outbox } from '@chat/client';
import { attempt } from './attempt';
import type { Shelf } from './shelf';

/** How soon the texts of a tab that was closed are another one's. */
const ADOPT_EVERY_MS = 3_000;

export interface KeeperWorld extends Clocks {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Undefined where there is no database. */
  readonly shelf: Shelf | undefined;
  readonly warn: (text: string) => void;
}

/** Keeps what waits and what is half written over the end of the tab, and takes over what tabs left behind that are gone. */
export class Keeper {
  readonly #world: KeeperWorld;
  readonly #failed: () => void;
  #shelf: Shelf | undefined;
  #user: string | undefined;
  #kept: Outbox = [];
  #drafts: ReadonlyMap<string, string> = new Map();
  #cancel: (() => void) | undefined;
  #work = Promise.resolve();
  #undone = 0;

  /** @param failed Told once, when the database turns out to be of no use. */
  constructor(world: KeeperWorld, failed: () => void) {
    this.#world = world;
    this.#failed = failed;
    this.#shelf = world.shelf;
  }

  /** Whether what waits is kept beyond this tab, once it has been written. */
  get works(): boolean {
    return this.#shelf !== undefined;
  }

  /** Whether all of it has been written: what has not may go with the tab. */
  get done(): boolean {
    return this.works && this.#undone === 0;
  }

  /** @param tell What was half written earlier; once, if there is any. */
  begin(user: string, client: ChatClient, tell: (drafts: ReadonlyMap<string, string>) => void): void {
    this.end();
    this.#user = user;
    this.#do(async (shelf) => {
      const drafts = await shelf.drafts(user);
      if (this.#user === user && drafts.size > 0) tell(drafts);
    });
    this.#adopt(user, client);
  }

  /** Nobody is signed in any more; what is kept stays. */
  end(): void {
    this.#cancel?.();
    this.#user = undefined;
    this.#kept = [];
    this.#drafts = new Map();
  }

  /** The person signed out, and was asked before: nothing stays. */
  forget(): void {
    this.changed([], new Map());
    this.end();
  }

  changed(outbox: Outbox, drafts: ReadonlyMap<string, string>): void {
    const user = this.#user;
    if (user === undefined) return;
    if (outbox !== this.#kept) this.#changedOutbox(user, outbox);
    if (drafts !== this.#drafts) this.#changedDrafts(user, drafts);
  }

  #changedOutbox(user: string, outbox: Outbox): void {
    const before = new Map(this.#kept.map((entry) => [entry.id, entry]));
    const put = outbox.filter((entry) => before.get(entry.id) !== entry).map((entry) => keep(entry, this.#world));
    const ids = new Set(outbox.map(({ id }) => id));
    const gone = [...before.keys()].filter((id) => !ids.has(id));
    this.#kept = outbox;
    if (put.length > 0) this.#do((shelf) => shelf.put(user, put));
    if (gone.length > 0) this.#do((shelf) => shelf.remove(gone));
  }

  #changedDrafts(user: string, drafts: ReadonlyMap<string, string>): void {
    const before = this.#drafts;
    this.#drafts = drafts;
    for (const room of new Set([...before.keys(), ...drafts.keys()])) {
      const text = drafts.get(room) ?? '';
      if (text !== (before.get(room) ?? '')) this.#do((shelf) => shelf.putDraft(user, room, text));
    }
  }

  #adopt(user: string, client: ChatClient): void {
    this.#do(async (shelf) => {
      const adopted = await shelf.adopt(user);
      if (this.#user !== user || adopted.length === 0) return;
      for (const { room } of adopted) attempt(() => client.enter(room));
      client.takeUp(restoreKept(adopted, this.#world));
    });
    this.#cancel = this.#world.after(ADOPT_EVERY_MS, () => this.#adopt(user, client));
  }

  /** One after the other, so that what is put is there before it is removed. */
  #do(what: (shelf: Shelf) => Promise<void>): void {
    this.#undone += 1;
    this.#work = this.#work.then(async () => {
      try {
        if (this.#shelf) await what(this.#shelf);
      } catch (error) {
        // The browser denies it, or has no room: then this tab's own storage has to do.
        this.#shelf = undefined;
        this.#failed();
        this.#world.warn(`What waits cannot be kept over the end of this tab: ${String(error)}`);
      } finally {
        this.#undone -= 1;
      }
    });
  }
}
