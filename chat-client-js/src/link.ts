import { backoffDelay, type Backoff } from './backoff.js';
import type { ConnectionStatus } from './chatState.js';
import { verdictOn } from './closeCodes.js';
import type { Environment, Socket } from './environment.js';
import { ChatError } from './errors.js';
import type { ClientFrame, HelloFrame, ServerFrame } from './frames.js';
import type { ResolvedOptions } from './options.js';
import { encodeClientFrame, parseServerFrame, PROTOCOL } from './protocol.js';

/** Heard from so recently, a connection is not asked whether it is alive. */
const FRESH_MS = 1_000;
/** Between two probes: each costs the node an error frame, of which it allows 50 a minute. */
const PROBE_EVERY_MS = 5_000;

export interface LinkEvents {
  /** @param failures Tries in a row that never got as far as `hello`. */
  readonly token: (failures: number) => Promise<string>;
  readonly onStatus: (status: ConnectionStatus) => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /**
   * Asked before the link decides whether to come back.
   * @param welcomed Whether the node had said its hello.
   * @returns True to come back whatever the code says.
   */
  readonly onClosed: (code: number, welcomed: boolean) => boolean;
}

/** Keeps one WebSocket to some node open for as long as it is wanted, and says so when it is not. */
export class Link {
  readonly #env: Environment;
  readonly #events: LinkEvents;
  readonly #options: ResolvedOptions;
  readonly #warned = new Set<string>();
  /** One for each try; what belongs to an earlier one is ignored. */
  #generation = 0;
  #state: ConnectionStatus['state'] = 'closed';
  #socket: Socket | undefined;
  #failures = 0;
  #failuresBeforeHello = 0;
  #heardAt = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #silenceMs = Number.POSITIVE_INFINITY;
  readonly #timers = new Set<() => void>();

  constructor(env: Environment, options: ResolvedOptions, events: LinkEvents) {
    this.#env = env;
    this.#options = options;
    this.#events = events;
  }

  /** Connects now, whatever was before; failures so far still count. */
  connect(): void {
    const generation = this.#abandon();
    this.#enter({ state: 'connecting' });
    this.#later(this.#options.connectTimeoutMs, () => this.#lost('The server did not answer.'));
    void this.#open(generation);
  }

  /** Closes and stays closed. */
  disconnect(): void {
    this.#abandon();
    this.#failures = 0;
    this.#failuresBeforeHello = 0;
    this.#enter({ state: 'closed' });
  }

  /** The network is back or a person is looking: no reason to wait any longer. */
  wake(): void {
    if (this.#state === 'waiting') this.connect();
    else this.doubt();
  }

  /** The network is gone: a socket would notice after half a minute. */
  offline(): void {
    if (this.#state === 'connecting' || this.#state === 'connected') this.#lost('This device is offline.');
  }

  /** The connection may be dead: asks it, and lets go of it when nothing comes in time. Of a node that never pings, silence says nothing. */
  doubt(): void {
    const now = this.#env.now();
    if (this.#state !== 'connected' || !Number.isFinite(this.#silenceMs)) return;
    if (!this.#checkSilence() || now - this.#heardAt < FRESH_MS || now - this.#probedAt < PROBE_EVERY_MS) return;
    this.#probedAt = now;
    this.send({ type: 'probe' });
    this.#later(this.#options.probeTimeoutMs, () => {
      if (this.#heardAt < now) this.#lost('Nothing was heard from the node.');
    });
  }

  /** @returns False when there is no open connection to send on. */
  readonly send = (frame: ClientFrame): boolean => {
    if (this.#state !== 'connected' || !this.#socket) return false;
    this.#socket.send(encodeClientFrame(frame));
    return true;
  };

  async #open(generation: number): Promise<void> {
    let token: string;
    try {
      token = await this.#events.token(this.#failuresBeforeHello);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ChatError && !error.temporary) this.#stop(error.message);
      else this.#lost('The server cannot be reached.');
      return;
    }
    if (generation !== this.#generation) return;
    this.#socket = this.#env.openSocket(socketUrl(this.#options.nextUrl?.() ?? this.#options.url, token), {
      onText: (data) => {
        if (generation === this.#generation) this.#receive(data);
      },
      onClose: (code) => {
        if (generation === this.#generation) this.#closed(code);
      },
    });
  }

  #receive(data: unknown): void {
    this.#heardAt = this.#env.now();
    const parsed = parseServerFrame(data, this.#options.frameCharsMax);
    if (!parsed.ok) {
      this.#warnOnce(`Ignored a frame (${parsed.reason}): ${parsed.detail}`);
      return;
    }
    const { frame } = parsed;
    if (frame.type === 'hello') this.#welcome(frame);
    else if (frame.type === 'ping') this.send({ type: 'pong' });
    else if (frame.type === 'drain') this.#drain(frame.reconnectWithinMs);
    else if (this.#state === 'connected') this.#events.onFrame(frame);
  }

  #welcome(hello: HelloFrame): void {
    if (this.#state !== 'connecting') return;
    if (hello.protocol !== PROTOCOL) {
      this.#stop('The server speaks a newer protocol. Reload the page.');
      return;
    }
    this.#cancelTimers();
    this.#failuresBeforeHello = 0;
    this.#later(this.#options.stableAfterMs, () => {
      this.#failures = 0;
    });
    this.#silenceMs = hello.pingSeconds > 0 ? hello.pingSeconds * 1000 + this.#options.silenceSlackMs : Number.POSITIVE_INFINITY;
    this.#probedAt = Number.NEGATIVE_INFINITY;
    this.#watchSilence();
    this.#enter({ state: 'connected' });
    this.#events.onFrame(hello);
  }

  /** Everybody on the node was asked to move at once: each picks its own moment. */
  #drain(withinMs: number): void {
    this.#later(Math.floor(this.#env.random() * withinMs), () => this.connect());
  }

  #watchSilence(): void {
    if (!Number.isFinite(this.#silenceMs)) return;
    this.#later(Math.max(1, this.#heardAt + this.#silenceMs - this.#env.now()), () => {
      if (this.#checkSilence()) this.#watchSilence();
    });
  }

  /** @returns Whether the connection is still good. */
  #checkSilence(): boolean {
    if (this.#env.now() - this.#heardAt < this.#silenceMs) return true;
    this.#lost('Nothing was heard from the node.');
    return false;
  }

  #closed(code: number): void {
    const { comeBack, reason } = verdictOn(code);
    const overruled = this.#events.onClosed(code, this.#state === 'connected');
    if (comeBack || overruled) this.#lost(reason, code);
    else this.#stop(reason, code);
  }

  #lost(reason: string, closeCode?: number): void {
    if (this.#state === 'connecting') this.#failuresBeforeHello += 1;
    this.#abandon();
    const delayMs = backoffDelay(this.#backoff(), this.#failures, this.#env.random());
    this.#failures += 1;
    this.#later(delayMs, () => this.connect());
    this.#enter({ state: 'waiting', retryAt: this.#env.now() + delayMs, reason, ...(closeCode !== undefined && { closeCode }) });
  }

  #stop(reason: string, closeCode?: number): void {
    this.#abandon();
    this.#enter({ state: 'closed', reason, ...(closeCode !== undefined && { closeCode }) });
  }

  #backoff(): Backoff {
    return { baseMs: this.#options.backoffMinMs, capMs: this.#options.backoffMaxMs };
  }

  /** Lets go of the present try without waiting for the peer: a dead one would keep us for minutes. */
  #abandon(): number {
    this.#cancelTimers();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#generation += 1;
    socket?.close(1000);
    return this.#generation;
  }

  #enter(status: ConnectionStatus): void {
    this.#state = status.state;
    this.#events.onStatus(status);
  }

  #later(delayMs: number, run: () => void): void {
    const cancel = this.#env.after(delayMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #warnOnce(text: string): void {
    if (this.#warned.size >= 100 || this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#env.warn(text);
  }
}

/** The token goes into the query, since browsers cannot set headers there. */
function socketUrl(entrance: string | URL, token: string): string {
  const url = new URL('/ws', entrance);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.searchParams.set('access_token', token);
  return url.href;
}
