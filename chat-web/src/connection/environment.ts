/** Everything the connection takes from the world, so that tests can bring their own. */
export interface Environment {
  /** Milliseconds. */
  readonly now: () => number;
  /** Runs once after a delay; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** An id nobody else will make up. */
  readonly newId: () => string;
  readonly openSocket: (token: string, handlers: SocketHandlers) => Socket;
  readonly api: Api;
  readonly storage: KeyValueStorage;
  /** Whether a person can see the page now. */
  readonly visible: () => boolean;
  /** Calls back when the network is back or the page becomes visible. */
  readonly onWake: (run: () => void) => () => void;
  readonly warn: (text: string) => void;
}

export interface Socket {
  readonly send: (text: string) => void;
  readonly close: (code: number) => void;
}

export interface SocketHandlers {
  readonly onText: (data: unknown) => void;
  /** Called once, also when the socket never opened. */
  readonly onClose: (code: number) => void;
}

export interface Api {
  /** @throws {ApiError} when the server refuses; any other error means that it could not be reached. */
  readonly login: (user: string) => Promise<Login>;
  readonly rooms: (token: string) => Promise<readonly string[]>;
}

export interface Login {
  readonly token: string;
  /** Milliseconds; undefined when the server did not say. */
  readonly expiresAt: number | undefined;
}

/** The server's own words on why it refused (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get temporary(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/** Of this tab only: two tabs may be two users. */
export interface KeyValueStorage {
  readonly get: (key: string) => string | null;
  readonly set: (key: string, value: string | null) => void;
}
