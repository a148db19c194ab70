import type { KeptMessage } from '@chat/client';

/** What waits to be sent, and what is half written, beyond the life of a tab. Every text belongs to one tab at a time. */
export interface Shelf {
  /** Takes over the texts of this user that belong to no living tab. @returns Them, oldest first. */
  readonly adopt: (user: string) => Promise<readonly KeptMessage[]>;
  readonly put: (user: string, messages: readonly KeptMessage[]) => Promise<void>;
  readonly remove: (ids: readonly string[]) => Promise<void>;
  readonly drafts: (user: string) => Promise<ReadonlyMap<string, string>>;
  /** An empty text is none. */
  readonly putDraft: (user: string, room: string, text: string) => Promise<void>;
}

/** Which tabs are there. */
export interface Tabs {
  readonly own: string;
  /** @returns Undefined where the browser does not tell. */
  readonly living: () => Promise<ReadonlySet<string> | undefined>;
}

interface Row extends KeptMessage {
  readonly user: string;
  readonly owner: string;
  /** Counts up, so that texts keep the order in which they were written. */
  readonly order: number;
}

interface DraftRow {
  readonly user: string;
  readonly room: string;
  readonly text: string;
}

/** The same database for all tabs. Every call is one transaction; of two tabs that want the same text, one gets it. */
export class DatabaseShelf implements Shelf {
  readonly #open: Promise<IDBDatabase>;
  readonly #tabs: Tabs;
  /** The tab's own name before a reload: where nobody tells which tabs live, only its texts are taken over. */
  readonly #before: string | undefined;
  #order: number;

  /** @param startOrder Above what earlier lives counted: the clock on the wall will do. */
  constructor(factory: IDBFactory, tabs: Tabs, { before, startOrder }: { readonly before: string | undefined; readonly startOrder: number }) {
    this.#tabs = tabs;
    this.#before = before;
    this.#order = startOrder;
    this.#open = openDatabase(factory);
    // Whoever calls is told.
    this.#open.catch(() => {});
  }

  async adopt(user: string): Promise<readonly KeptMessage[]> {
    const living = await this.#tabs.living();
    const database = await this.#open;
    const transaction = database.transaction('outbox', 'readwrite');
    const store = transaction.objectStore('outbox');
    const rows = (await done(store.index('user').getAll(user))) as readonly Row[];
    const orphans = rows.filter(({ owner }) => owner !== this.#tabs.own && (living ? !living.has(owner) : owner === this.#before));
    for (const row of orphans) store.put({ ...row, owner: this.#tabs.own });
    await committed(transaction);
    return orphans.toSorted((a, b) => a.order - b.order).map(keptOf);
  }

  async put(user: string, messages: readonly KeptMessage[]): Promise<void> {
    const database = await this.#open;
    const transaction = database.transaction('outbox', 'readwrite');
    const store = transaction.objectStore('outbox');
    for (const message of messages) {
      const before = (await done(store.get(message.id))) as Row | undefined;
      // Another tab has it meanwhile: it is no longer this one's to change.
      if (before && before.owner !== this.#tabs.own) continue;
      store.put({ ...message, user, owner: this.#tabs.own, order: before?.order ?? (this.#order += 1) } satisfies Row);
    }
    await committed(transaction);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const database = await this.#open;
    const transaction = database.transaction('outbox', 'readwrite');
    for (const id of ids) transaction.objectStore('outbox').delete(id);
    await committed(transaction);
  }

  async drafts(user: string): Promise<ReadonlyMap<string, string>> {
    const database = await this.#open;
    const rows = (await done(database.transaction('drafts').objectStore('drafts').index('user').getAll(user))) as readonly DraftRow[];
    return new Map(rows.map(({ room, text }) => [room, text]));
  }

  async putDraft(user: string, room: string, text: string): Promise<void> {
    const database = await this.#open;
    const transaction = database.transaction('drafts', 'readwrite');
    if (text === '') transaction.objectStore('drafts').delete([user, room]);
    else transaction.objectStore('drafts').put({ user, room, text } satisfies DraftRow);
    await committed(transaction);
  }
}

function keptOf({ id, room, text, firstSentAt, failed }: Row): KeptMessage {
  return { id, room, text, ...(firstSentAt !== undefined && { firstSentAt }), ...(failed && { failed }) };
}

const NAME = 'chat';
const VERSION = 1;

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('outbox', { keyPath: 'id' }).createIndex('user', 'user');
      request.result.createObjectStore('drafts', { keyPath: ['user', 'room'] }).createIndex('user', 'user');
    };
    request.onsuccess = () => {
      // A later version of the page may want to change it.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error('The database cannot be opened.'));
    request.onblocked = () => reject(new Error('Another tab keeps the database from being opened.'));
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The database refused.'));
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The database refused.'));
  });
}
