import { createStore, type Readable, type Store } from '@chat/client';
import { asArray, asBoolean, asObject, asString, field, optionalNumber, type JsonObject } from './json';

/** Also without an event: connections come and go. */
const READ_EVERY_MS = 2_000;
/** Events that come together are one reading. */
const READ_SOON_MS = 100;
const RETRY_MS = 2_000;
/** How long a node that is gone is still shown. */
const GONE_SHOWN_MS = 30_000;

export type NodePhase = 'ready' | 'draining' | 'failing' | 'gone';

export interface NodeView {
  readonly id: string;
  readonly phase: NodePhase;
  readonly connections: number;
  /** Of all connections, in percent. */
  readonly share: number;
  /** When it was seen last, while it is gone. */
  readonly goneAt?: number;
}

export interface Topology {
  /** `unavailable`: the balancer does not say, or not to us. */
  readonly phase: 'loading' | 'live' | 'stale' | 'unavailable';
  readonly policy: string;
  readonly draining: boolean;
  readonly nodes: readonly NodeView[];
  /** A token was given, and the balancer would not have it. */
  readonly tokenRefused: boolean;
}

export interface TopologyWorld {
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** What the balancer's status is now. @returns Undefined when it is not for us. */
  readonly balancerStatus: (token: string | undefined) => Promise<unknown>;
  /** Calls back at every change, and at the end of the stream, until the returned function is called. */
  readonly balancerEvents: (token: string | undefined, changed: () => void, ended: () => void) => () => void;
}

const NOTHING: Topology = { phase: 'loading', policy: '', draining: false, nodes: [], tokenRefused: false };

/** Follows the balancer's picture of the system while somebody looks at it. */
export class TopologyWatch {
  readonly view: Readable<Topology>;
  readonly #world: TopologyWorld;
  readonly #store: Store<Topology>;
  /** The balancer's, not a user's: held as long as the page lives, and nowhere else. */
  #token: string | undefined;
  #watching = false;
  #reading = false;
  #cancelRead: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #stopEvents: (() => void) | undefined;

  constructor(world: TopologyWorld, report: (error: unknown) => void) {
    this.#world = world;
    this.#store = createStore(NOTHING, report);
    this.view = this.#store;
  }

  /** @returns What ends it. */
  watch(): () => void {
    this.#watching = true;
    this.#listen();
    void this.#read();
    return () => {
      this.#watching = false;
      this.#stopEvents?.();
      this.#cancelRead?.();
      this.#cancelRetry?.();
      this.#cancelRead = undefined;
    };
  }

  /** Asks again with the token that the balancer was started with. */
  useToken(token: string): void {
    this.#token = token;
    if (!this.#watching) return;
    this.#stopEvents?.();
    this.#cancelRetry?.();
    this.#listen();
    this.#readIn(0);
  }

  #listen(): void {
    this.#stopEvents = this.#world.balancerEvents(
      this.#token,
      () => this.#readIn(READ_SOON_MS),
      () => {
        this.#stopEvents?.();
        if (this.#watching) this.#cancelRetry = this.#world.after(RETRY_MS, () => this.#listen());
      },
    );
  }

  #readIn(delayMs: number): void {
    this.#cancelRead?.();
    this.#cancelRead = this.#world.after(delayMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const token = this.#token;
      const status = await this.#world.balancerStatus(token);
      this.#store.update((before) =>
        status === undefined ? { ...before, phase: 'unavailable', tokenRefused: token !== undefined } : parseStatus(status, before, this.#world.now()));
    } catch {
      // Away for now, or something else answers in its place.
      this.#store.update((before) => ({ ...before, phase: before.phase === 'live' || before.phase === 'stale' ? 'stale' : 'unavailable' }));
    }
    this.#reading = false;
    if (this.#watching) this.#readIn(READ_EVERY_MS);
  }
}

/** Reads the balancer's status; a node that was there before and is not any more stays for a while. @throws {TypeError} */
export function parseStatus(status: unknown, before: Topology, now: number): Topology {
  const object = asObject(status);
  const destinations = field(object, 'destinations', (value) => asArray(value, asObject));
  const counts = destinations.map((destination) => optionalNumber(destination, 'connections') ?? 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const present = destinations.map((destination, index) => nodeOf(destination, counts[index] ?? 0, all));
  const ids = new Set(present.map(({ id }) => id));
  const gone = before.nodes
    .filter(({ id, goneAt }) => !ids.has(id) && (goneAt === undefined || now - goneAt < GONE_SHOWN_MS))
    .map((node): NodeView => ({ id: node.id, phase: 'gone', connections: 0, share: 0, goneAt: node.goneAt ?? now }));
  return {
    phase: 'live',
    policy: field(object, 'policy', asString),
    draining: field(object, 'draining', asBoolean),
    tokenRefused: false,
    nodes: [...present, ...gone].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function nodeOf(destination: JsonObject, connections: number, all: number): NodeView {
  const healthy = field(destination, 'healthy', asBoolean);
  const draining = field(destination, 'state', asString) === 'draining';
  return {
    id: field(destination, 'id', asString),
    phase: healthy ? (draining ? 'draining' : 'ready') : 'failing',
    connections,
    share: all === 0 ? 0 : Math.round((100 * connections) / all),
  };
}
