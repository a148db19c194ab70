import { ChatError } from '@chat/client';
import { FakeSocket, FakeWorld as ClientWorld, settled } from '../../../chat-client-js/test/world';
import type { PageEnvironment } from '../page/environment';
import { asArray, asObject, asString, field } from '../page/json';
import { ChatPage } from '../page/page';
import type { Shelf } from '../page/shelf';
import type { Site } from '../page/site';
import { forgiving, type KeyValueStorage } from '../page/storage';

export { FakeSocket, settled };

/** A browser tab, in which time moves when the test says so. */
export class FakeWorld extends ClientWorld {
  visible = true;
  /** The clock on the wall. It does not move by itself: nothing here may depend on that. */
  wallNow = 1_700_000_000_000;
  logins = 0;
  /** Set to make every login fail. */
  loginError: Error | undefined;
  directory: readonly string[] = ['lobby'];
  /** Where the person has been, the present address last. */
  readonly addresses: string[] = [''];
  readonly storage: KeyValueStorage;
  dashboard = '';
  /** What outlives the tab. */
  shelf: Shelf | undefined;
  /** Set to have spans recorded. */
  collector: ((body: Uint8Array<ArrayBuffer>) => Promise<void>) | undefined;
  balancerStatus: (token?: string) => unknown = () => undefined;
  /** Set to have tokens given by a site. */
  site: Site | undefined;
  /** The tokens that the balancer was asked with. */
  readonly statusTokens: (string | undefined)[] = [];
  /** Those who listen for the balancer's events. */
  readonly events: { readonly changed: () => void; readonly ended: () => void }[] = [];
  #hex = 0;
  #went: (() => void)[] = [];

  constructor(storage: KeyValueStorage = memoryStorage()) {
    super();
    this.storage = storage;
  }

  get page(): PageEnvironment {
    const { environment } = this;
    return {
      ...environment,
      url: 'http://chat.test',
      wallNow: () => this.wallNow,
      login: async () => {
        this.logins += 1;
        if (this.loginError) throw this.loginError;
        return this.token(this.logins);
      },
      site: this.site,
      rooms: async () => this.directory,
      storage: forgiving(this.storage, environment.warn),
      shelf: this.shelf,
      randomHex: (bytes) => (++this.#hex).toString(16).padStart(2 * bytes, '0'),
      dashboard: this.dashboard,
      postSpans: this.collector,
      balancerStatus: async (token) => {
        this.statusTokens.push(token);
        return await this.balancerStatus(token);
      },
      balancerEvents: (_, changed, ended) => {
        this.events.push({ changed, ended });
        return () => void this.events.pop();
      },
      visible: () => this.visible,
      address: {
        get: () => this.addresses.at(-1) ?? '',
        push: (address) => void this.addresses.push(address),
        onChange: (run) => void this.#went.push(run),
      },
    };
  }

  back(): void {
    this.addresses.pop();
    for (const run of this.#went) run();
  }

  go(address: string): void {
    this.addresses.push(address);
    for (const run of this.#went) run();
  }

  /** A page on which ada has signed in and which has a socket, but no hello yet. */
  async signedIn(): Promise<ChatPage> {
    const page = new ChatPage(this.page);
    page.start();
    await page.signIn('ada');
    await settled();
    return page;
  }

  /** A page on the lobby, whose log has these messages. */
  async onLobby(messages: Parameters<FakeSocket['joined']>[0] = {}): Promise<ChatPage> {
    const page = await this.signedIn();
    this.socket.hello();
    page.enter('lobby');
    this.socket.joined(messages);
    await settled();
    return page;
  }

  /** The page again, as after a reload of the tab, with the lobby joined again. */
  async reloaded(): Promise<ChatPage> {
    const page = new ChatPage(this.page);
    page.start();
    await settled();
    this.socket.hello();
    await settled();
    return page;
  }
}

export function refused(): ChatError {
  return new ChatError('bad_user', 'Refused.');
}

export function memoryStorage(entries: readonly (readonly [string, string])[] = []): KeyValueStorage {
  const values = new Map(entries);
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => {
      if (value === null) values.delete(key);
      else values.set(key, value);
    },
  };
}

/** A storage that anybody may deny: for reading, for writing. */
export function failingStorage(fails: { read?: boolean; write?: boolean }): KeyValueStorage {
  const storage = memoryStorage();
  return {
    get: (key) => {
      if (fails.read) throw new Error('denied');
      return storage.get(key);
    },
    set: (key, value) => {
      if (fails.write) throw new Error('quota');
      storage.set(key, value);
    },
  };
}

/** The texts of the outbox rows in a saved tab. */
export function savedTexts(storage: KeyValueStorage): readonly string[] {
  const saved = asObject(JSON.parse(storage.get('chat.tab') ?? '{"outbox":[]}'));
  return field(saved, 'outbox', (value) => asArray(value, (entry) => field(asObject(entry), 'text', asString)));
}
