import type { ClientFrame, HelloFrame, ServerFrame } from '../frames';
import { encodeClientFrame, parseServerFrame, PROTOCOL } from '../protocol';
import type { ConnectionState } from '../state/chat';
import { backoffDelay, RECONNECT } from './backoff';
import { verdictOn } from './closeCodes';
import { ApiError, type Environment, type Socket } from './environment';

/** From the start of a try to its `hello`. */
export const HELLO_WITHIN_MS = 10_000;
/** Beyond the promised ping period before silence means that the connection is dead. */
export const PING_SLACK_MS = 10_000;
/** A connection that has held for so long wipes out earlier failures. */
export const STABLE_AFTER_MS = 60_000;

export interface LinkEvents {
  /** @param failures Tries in a row that never got as far as `hello`. */
  readonly token: (failures: number) => Promise<string>;
  readonly onState: (state: ConnectionState) => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /** Before the link decides whether to come back. */
  readonly onClosed: (code: number) => void;
}

/** Keeps one WebSocket to some node open for as long as it is wanted, and says so when it is not. */
export class Link {
  readonly #env: Environment;
  readonly #events: LinkEvents;
  readonly #warned = new Set<string>();
  /** One for each try; what belongs to an earlier one is ignored. */
  #generation = 0;
  #phase: ConnectionState['phase'] = 'off';
  #socket: Socket | undefined;
  #failures = 0;
  #failuresBeforeHello = 0;
  #heardAt = 0;
  #silenceMs = Number.POSITIVE_INFINITY;
  readonly #timers = new Set<() => void>();

  constructor(env: Environment, events: LinkEvents) {
    this.#env = env;
    this.#events = events;
  }

  /** Connects now, whatever was before; failures so far still count. */
  connect(): void {
    const generation = this.#abandon();
    this.#enter({ phase: 'connecting' });
    this.#later(HELLO_WITHIN_MS, () => this.#lost('The server did not answer.'));
    void this.#open(generation);
  }

  /** Closes and stays closed. */
  disconnect(): void {
    this.#abandon();
    this.#failures = 0;
    this.#failuresBeforeHello = 0;
    this.#enter({ phase: 'off' });
  }

  /** The network is back or a person is looking: no reason to wait any longer. */
  wake(): void {
    if (this.#phase === 'waiting') this.connect();
    else if (this.#phase === 'open') this.#checkSilence();
  }

  /** @returns False when there is no open connection to send on. */
  send(frame: ClientFrame): boolean {
    if (this.#phase !== 'open' || !this.#socket) return false;
    this.#socket.send(encodeClientFrame(frame));
    return true;
  }

  async #open(generation: number): Promise<void> {
    let token: string;
    try {
      token = await this.#events.token(this.#failuresBeforeHello);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ApiError && !error.temporary) this.#stop(error.message);
      else this.#lost('The server cannot be reached.');
      return;
    }
    if (generation !== this.#generation) return;
    this.#socket = this.#env.openSocket(token, {
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
    const parsed = parseServerFrame(data);
    if (!parsed.ok) {
      this.#warnOnce(`Ignored a frame (${parsed.reason}): ${parsed.detail}`);
      return;
    }
    const { frame } = parsed;
    if (frame.type === 'hello') this.#welcome(frame);
    else if (frame.type === 'ping') this.send({ type: 'pong' });
    else if (frame.type === 'drain') this.#drain(frame.reconnectWithinMs);
    else if (this.#phase === 'open') this.#events.onFrame(frame);
  }

  #welcome(hello: HelloFrame): void {
    if (this.#phase !== 'connecting') return;
    if (hello.protocol !== PROTOCOL) {
      this.#stop('The server speaks a newer protocol. Reload the page.');
      return;
    }
    this.#cancelTimers();
    this.#failuresBeforeHello = 0;
    this.#later(STABLE_AFTER_MS, () => {
      this.#failures = 0;
    });
    this.#silenceMs = hello.pingSeconds > 0 ? hello.pingSeconds * 1000 + PING_SLACK_MS : Number.POSITIVE_INFINITY;
    this.#watchSilence();
    this.#enter({ phase: 'open' });
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
    this.#events.onClosed(code);
    // The listener may have ended the link, as signing out does.
    if (this.#phase === 'off') return;
    if (comeBack) this.#lost(reason);
    else this.#stop(reason);
  }

  #lost(reason: string): void {
    if (this.#phase === 'connecting') this.#failuresBeforeHello += 1;
    this.#abandon();
    const delayMs = backoffDelay(RECONNECT, this.#failures, this.#env.random());
    this.#failures += 1;
    this.#later(delayMs, () => this.connect());
    this.#enter({ phase: 'waiting', retryAt: this.#env.now() + delayMs, reason });
  }

  #stop(reason: string): void {
    this.#abandon();
    this.#enter({ phase: 'stopped', reason });
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

  #enter(state: ConnectionState): void {
    this.#phase = state.phase;
    this.#events.onState(state);
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
