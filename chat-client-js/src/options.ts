import type { Environment } from './environment.js';
import type { OutboxEntry } from './outbox.js';

/**
 * Gives a valid token. Throw a {@link ChatError} that is not `temporary` when there will be none, and the client stops; after
 * any other error it asks again.
 * @param why `connect`: one that was good before will do. `refresh`: the present one soon expires. `refused`: the node would
 * not have the last one.
 */
export type TokenProvider = (why: 'connect' | 'refresh' | 'refused') => Promise<string>;

/** How a client connects, how long it waits and how much it holds. */
export interface ChatClientOptions {
  /** The balancer, or one node: `http://localhost:8080`. */
  readonly url: string | URL;
  /** For clients that know several entrances: asked at every connect, in place of `url`. */
  readonly nextUrl?: () => string | URL;
  /** Asked at every connect, and before the present token expires. */
  readonly token: TokenProvider;
  /** Asks for the hops of every message. Default: false. */
  readonly trace?: boolean;
  /** Asked whenever a message goes out, again at every retry, for the W3C trace context of the sender's span. */
  readonly traceparent?: (message: { readonly id: string; readonly room: string }) => string | undefined;
  /** From the start of a try to its `hello`. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** The wait before a reconnect is anywhere between zero and this, doubled at every failure. Default: 500. */
  readonly backoffMinMs?: number;
  /** …up to this. Default: 20,000. */
  readonly backoffMaxMs?: number;
  /** A connection that held this long starts the backoff anew. Default: 60,000. */
  readonly stableAfterMs?: number;
  /** How much longer than the node's ping period may pass without a frame. Default: 10,000. */
  readonly silenceSlackMs?: number;
  /** How long a connection under suspicion has to show that it is alive. Default: 4,000. */
  readonly probeTimeoutMs?: number;
  /** How often at most the node is told that the user is writing in a room. Default: 3,000. */
  readonly typingPeriodMs?: number;
  /** How long before its token expires a connection is given a new one. Default: 60,000. */
  readonly refreshBeforeMs?: number;
  /** Without an answer for so long, a message is sent again with the same id. Default: 10,000. */
  readonly ackTimeoutMs?: number;
  /** Without an answer for so long, a room is joined again; doubles with each try. Default: 5,000. */
  readonly joinTimeoutMs?: number;
  /** …up to this. Default: 30,000. */
  readonly joinTimeoutMaxMs?: number;
  /** What the node refused for now, a join or a message, goes again anywhere between zero and this later than it asked, doubled at every refusal. Default: 1,000. */
  readonly retryMinMs?: number;
  /** …up to this. Default: 15,000. */
  readonly retryMaxMs?: number;
  /** Older messages are not sent again by themselves. Less than the ten minutes for which nodes remember an id. Default: 540,000. */
  readonly safeRetryMs?: number;
  /** Without an answer for so long, a page of history counts as refused. Default: 10,000. */
  readonly historyTimeoutMs?: number;
  /** Messages that are not known to be stored yet. Default: 200. */
  readonly outboxMessagesMax?: number;
  /** Messages of one room that are held. Default: 10,000, as many as a room's log keeps. */
  readonly messagesMax?: number;
  /** Characters of one frame from the node: a join that recovers much is long. Default: 32 Mi. */
  readonly frameCharsMax?: number;
  /** What was waiting in an earlier life, see `ChatState.outbox`; `firstSentAt` by this client's clock. Default: nothing. */
  readonly outbox?: readonly OutboxEntry[];
  /** Parts of the world to bring along: another `WebSocket`, a test's clock. Default: this browser's, or this process's. */
  readonly environment?: Partial<Environment>;
}

const DEFAULTS = {
  trace: false,
  connectTimeoutMs: 10_000,
  backoffMinMs: 500,
  backoffMaxMs: 20_000,
  stableAfterMs: 60_000,
  silenceSlackMs: 10_000,
  probeTimeoutMs: 4_000,
  typingPeriodMs: 3_000,
  refreshBeforeMs: 60_000,
  ackTimeoutMs: 10_000,
  joinTimeoutMs: 5_000,
  joinTimeoutMaxMs: 30_000,
  retryMinMs: 1_000,
  retryMaxMs: 15_000,
  safeRetryMs: 540_000,
  historyTimeoutMs: 10_000,
  outboxMessagesMax: 200,
  messagesMax: 10_000,
  frameCharsMax: 32 * 1024 * 1024,
  outbox: [],
} satisfies Partial<ChatClientOptions>;

const RELATIONS = [
  ['backoffMinMs', 'backoffMaxMs'],
  ['retryMinMs', 'retryMaxMs'],
  ['joinTimeoutMs', 'joinTimeoutMaxMs'],
  ['ackTimeoutMs', 'safeRetryMs'],
] as const;

export type ResolvedOptions = ChatClientOptions & Required<Pick<ChatClientOptions, keyof typeof DEFAULTS>>;

/** @throws {RangeError} when a number makes no sense, by itself or beside another. */
export function resolveOptions(options: ChatClientOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as ChatClientOptions;
  const resolved = { ...DEFAULTS, ...given };
  for (const [name, value] of Object.entries(resolved)) {
    if (typeof value === 'number' && !(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} must be above zero.`);
  }
  for (const [min, max] of RELATIONS) {
    if (resolved[min] > resolved[max]) throw new RangeError(`${min} must not be above ${max}.`);
  }
  return resolved;
}
