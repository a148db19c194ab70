import type { Environment } from './environment.js';
import type { TokenProvider } from './options.js';

/** After a renewal that failed. */
const RENEW_AGAIN_MS = 10_000;
/** Every so many tries without a `hello`, the token is under suspicion: browsers hide the status of a refused handshake. */
const SUSPECT_EVERY = 3;

/** Asks for tokens when they are due. Lifetimes are lengths of time, so that a wrong clock does no harm. */
export class Tokens {
  readonly #env: Environment;
  readonly #provide: TokenProvider;
  readonly #refreshBeforeMs: number;
  #renewAt = Number.POSITIVE_INFINITY;
  #renewing = false;
  #refused = false;

  constructor(env: Environment, provide: TokenProvider, refreshBeforeMs: number) {
    this.#env = env;
    this.#provide = provide;
    this.#refreshBeforeMs = refreshBeforeMs;
  }

  /** The node would not have the present token. @returns False when it was new: another one will not do either. */
  refuse(): boolean {
    const first = !this.#refused;
    this.#refused = true;
    return first;
  }

  /** The node took the token. */
  accepted(): void {
    this.#refused = false;
  }

  /** A token to connect with. @param failures Tries in a row that never got as far as `hello`. */
  async forConnect(failures: number): Promise<string> {
    const suspect = failures > 0 && failures % SUSPECT_EVERY === 0;
    return this.#keep(await this.#provide(this.#refused || suspect ? 'refused' : 'connect'));
  }

  /** @returns A new token when it is time for one, and undefined otherwise. */
  async renewIfDue(): Promise<string | undefined> {
    if (this.#renewing || this.#env.now() < this.#renewAt) return undefined;
    this.#renewing = true;
    try {
      return this.#keep(await this.#provide('refresh'));
    } catch {
      // The present token is still good for a while; the connection says so when it no longer is.
      this.#renewAt = this.#env.now() + RENEW_AGAIN_MS;
      return undefined;
    } finally {
      this.#renewing = false;
    }
  }

  #keep(token: string): string {
    const lifeMs = tokenLifeMs(token);
    const waitMs = lifeMs === undefined ? Number.POSITIVE_INFINITY : Math.max(lifeMs - this.#refreshBeforeMs, lifeMs / 2, RENEW_AGAIN_MS);
    this.#renewAt = this.#env.now() + waitMs;
    return token;
  }
}

/**
 * How long a token was made to live, where it says so: a JWT's `exp` less its `iat`, both by its issuer's clock. Nothing is
 * checked: that is the node's part.
 * @returns Undefined when it does not say.
 */
export function tokenLifeMs(token: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(decodeBase64Url(token.split('.')[1] ?? ''));
    if (typeof payload !== 'object' || payload === null || !('exp' in payload) || !('iat' in payload)) return undefined;
    const { exp, iat } = payload;
    return typeof exp === 'number' && typeof iat === 'number' && exp > iat ? (exp - iat) * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function decodeBase64Url(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
}
