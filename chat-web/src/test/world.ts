import { ChatClient } from '../connection/client';
import { ApiError, type Environment, type KeyValueStorage, type SocketHandlers } from '../connection/environment';
import type { JoinedFrame, Message } from '../frames';
import { asArray, asObject, asString, field } from '../json';
import { joined, wire } from './build';

/** One connection as the node sees it, driven by the test. */
export class FakeSocket {
  readonly token: string;
  readonly received: string[] = [];
  closedWith: number | undefined;
  readonly #handlers: SocketHandlers;

  constructor(token: string, handlers: SocketHandlers) {
    this.token = token;
    this.#handlers = handlers;
  }

  /** Frames of a type that the client has sent, as plain objects. */
  sent(type: string): readonly Record<string, unknown>[] {
    return this.received
      .map((text): unknown => JSON.parse(text))
      .filter((frame) => field(asObject(frame), 'type', asString) === type)
      .map((frame) => Object.fromEntries(asObject(frame)));
  }

  say(frame: object): void {
    this.#handlers.onText(JSON.stringify(frame));
  }

  hello(changes: object = {}): void {
    const limits = { frameBytesMax: 16_384, textBytesMax: 4_096, roomsMax: 100 };
    this.say({ type: 'hello', protocol: 1, node: 'abcdefgh', connection: 'c', user: 'ada', pingSeconds: 15, limits, ...changes });
  }

  joined(changes: Partial<JoinedFrame> = {}): void {
    const frame = joined(changes);
    this.say({ ...frame, messages: frame.messages.map(wire), read: Object.fromEntries(frame.read) });
  }

  message(message: Message): void {
    this.say(wire(message));
  }

  close(code: number): void {
    this.#handlers.onClose(code);
  }
}

/** A world in which time moves when the test says so. */
export class FakeWorld {
  now = 1_000_000;
  random = 0.5;
  visible = true;
  /** Set to make every login fail. */
  loginError: Error | undefined;
  tokenLifeMs = 3_600_000;
  logins = 0;
  readonly sockets: FakeSocket[] = [];
  readonly warnings: string[] = [];
  readonly storage: KeyValueStorage;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  #wake: (() => void)[] = [];
  #ids = 0;

  constructor(storage: KeyValueStorage = memoryStorage()) {
    this.storage = storage;
  }

  /** The newest connection. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('No connection yet.');
    return socket;
  }

  environment(): Environment {
    return {
      now: () => this.now,
      after: (delayMs, run) => {
        const timer = { at: this.now + delayMs, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
      random: () => this.random,
      newId: () => `id${++this.#ids}`,
      openSocket: (token, handlers) => {
        const socket = new FakeSocket(token, handlers);
        this.sockets.push(socket);
        return {
          send: (text) => void socket.received.push(text),
          close: (code) => {
            socket.closedWith = code;
          },
        };
      },
      api: {
        login: async () => {
          this.logins += 1;
          if (this.loginError) throw this.loginError;
          return { token: `token${this.logins}`, expiresAt: this.now + this.tokenLifeMs };
        },
        rooms: async () => ['lobby'],
      },
      storage: this.storage,
      visible: () => this.visible,
      onWake: (run) => {
        this.#wake.push(run);
        return () => {};
      },
      warn: (text) => void this.warnings.push(text),
    };
  }

  wake(): void {
    for (const run of this.#wake) run();
  }

  /** Lets time pass, running what comes due in order, and what promises have to do in between. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.now = Math.max(this.now, due.at);
      due.run();
      await settled();
    }
    this.now = end;
  }

  /** A client that is signed in as ada and has a socket, but no hello yet. */
  async signedIn(): Promise<ChatClient> {
    const client = new ChatClient(this.environment());
    client.start();
    await client.signIn('ada');
    await settled();
    return client;
  }

  /** A client in the lobby, whose log has these messages. */
  async inLobby(messages: readonly Message[] = []): Promise<ChatClient> {
    const client = await this.signedIn();
    this.socket.hello();
    client.enter('lobby');
    this.socket.joined({ messages });
    return client;
  }
}

export function refused(status: number): ApiError {
  return new ApiError(status, 'Refused.');
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

/** The texts of the outbox rows in a saved tab. */
export function savedTexts(storage: KeyValueStorage): readonly string[] {
  const saved = asObject(JSON.parse(storage.get('chat.tab') ?? '{"outbox":[]}'));
  return field(saved, 'outbox', (value) => asArray(value, (entry) => field(asObject(entry), 'text', asString)));
}

/** All promises that can go on have gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
