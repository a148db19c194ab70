import { ChatClient } from '../src/chatClient.js';
import type { ChatRoom } from '../src/chatRoom.js';
import type { Environment, NetworkChange, SocketHandlers } from '../src/environment.js';
import type { JoinedFrame, Message } from '../src/frames.js';
import { asObject, asString, field } from '../src/json.js';
import type { ChatClientOptions } from '../src/options.js';
import type { RoomState } from '../src/roomState.js';
import { joined, wire } from './build.js';

/** One connection as the node sees it, driven by the test. */
export class FakeSocket {
  readonly url: URL;
  readonly received: string[] = [];
  closedWith: number | undefined;
  readonly #handlers: SocketHandlers;

  constructor(url: string, handlers: SocketHandlers) {
    this.url = new URL(url);
    this.#handlers = handlers;
  }

  /** `token1` is the first that was asked for. */
  get token(): string | undefined {
    return this.url.searchParams.get('access_token')?.split('.')[0];
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

  refuse(code: string, room?: string): void {
    this.say({ type: 'error', code, message: 'No.', ...(room !== undefined && { room }) });
  }

  close(code: number): void {
    this.#handlers.onClose(code);
  }
}

/** A world in which time moves when the test says so. */
export class FakeWorld {
  now = 1_000_000;
  random = 0.5;
  /** Set to make every token a failure. */
  tokenError: Error | undefined;
  tokenLifeMs = 3_600_000;
  /** The issuer's clock, in seconds: nobody else's. */
  issuedAt = 1_700_000_000;
  readonly asked: string[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly warnings: string[] = [];
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  #network = new Set<(change: NetworkChange) => void>();
  #ids = 0;

  /** The newest connection. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('No connection yet.');
    return socket;
  }

  get environment(): Environment {
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
      openSocket: (url, handlers) => {
        const socket = new FakeSocket(url, handlers);
        this.sockets.push(socket);
        return {
          send: (text) => void socket.received.push(text),
          close: (code) => {
            socket.closedWith = code;
          },
        };
      },
      onNetwork: (tell) => {
        this.#network.add(tell);
        return () => this.#network.delete(tell);
      },
      warn: (text) => void this.warnings.push(text),
    };
  }

  /** What a client in this world is made with. */
  options(changes: Partial<ChatClientOptions> = {}): ChatClientOptions {
    return {
      url: 'http://chat.test',
      token: async (why) => {
        this.asked.push(why);
        if (this.tokenError) throw this.tokenError;
        return this.token(this.asked.length);
      },
      environment: this.environment,
      ...changes,
    };
  }

  network(change: NetworkChange): void {
    for (const tell of this.#network) tell(change);
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

  /** The same on a good connection: the node pings. */
  async alive(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 2_000) {
      await this.pass(Math.min(left, 2_000));
      this.socket.say({ type: 'ping' });
    }
  }

  /** A client that has a socket, but no hello yet. */
  async connecting(changes: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    const client = new ChatClient(this.options(changes));
    client.connect();
    await settled();
    return client;
  }

  /** A client whose connection a node has welcomed, as ada. */
  async connected(changes: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    const client = await this.connecting(changes);
    this.socket.hello();
    return client;
  }

  /** A client in the lobby, whose log has these messages. */
  async inLobby(messages: readonly Message[] = [], changes: Partial<ChatClientOptions> = {}): Promise<Lobby> {
    const client = await this.connected(changes);
    const room = client.enter('lobby');
    this.socket.joined({ messages });
    return { client, room };
  }

  token(count: number): string {
    const payload = { iat: this.issuedAt, exp: this.issuedAt + this.tokenLifeMs / 1000 };
    return `token${count}.${btoa(JSON.stringify(payload))}.signature`;
  }
}

export interface Lobby {
  readonly client: ChatClient;
  readonly room: ChatRoom;
}

export function stateOf(client: ChatClient, room = 'lobby'): RoomState {
  const state = client.store.get().rooms.get(room);
  if (!state) throw new Error(`Not in ${room}.`);
  return state;
}

/** All promises that can go on have gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
