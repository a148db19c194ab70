import { asCount, asObject, asString, field, optional } from '../json';
import type { Environment, Login } from './environment';

const KEY = 'chat.session';
/** A token is renewed this long before it expires, or at half its life when that is shorter. */
const RENEW_BEFORE_MS = 60_000;
/** After a renewal that failed. */
const RENEW_AGAIN_MS = 10_000;
/** Every so many tries without a `hello`, a new token: browsers hide the status of a refused handshake. */
const SUSPECT_EVERY = 3;

interface Session {
  readonly user: string;
  readonly token: string;
  readonly expiresAt: number | undefined;
  readonly renewAt: number;
}

/** Who this tab is, and the token that proves it, renewed before it expires. */
export class Credentials {
  readonly #env: Environment;
  #session: Session | undefined;
  #renewing = false;

  constructor(env: Environment) {
    this.#env = env;
    this.#session = load(env.storage.get(KEY));
  }

  get user(): string | undefined {
    return this.#session?.user;
  }

  get current(): string | undefined {
    return this.#session?.token;
  }

  async signIn(user: string): Promise<void> {
    this.#keep(user, await this.#env.api.login(user));
  }

  signOut(): void {
    this.#session = undefined;
    this.#env.storage.set(KEY, null);
  }

  /** The server said that the token has expired, whatever our clock says. */
  distrust(): void {
    if (this.#session) this.#session = { ...this.#session, expiresAt: 0 };
  }

  /** A token to connect with; asks for a new one when the present one has expired or is under suspicion. */
  async token(failures: number): Promise<string> {
    const session = this.#session;
    if (!session) throw new Error('Nobody is signed in.');
    const expired = session.expiresAt !== undefined && session.expiresAt <= this.#env.now();
    const suspect = failures > 0 && failures % SUSPECT_EVERY === 0;
    if (!expired && !suspect) return session.token;
    const login = await this.#env.api.login(session.user);
    if (this.#session?.user === session.user) this.#keep(session.user, login);
    return login.token;
  }

  /** @returns The new token when it was time for one, and undefined otherwise. */
  async renewIfDue(): Promise<string | undefined> {
    const session = this.#session;
    if (!session || this.#renewing || this.#env.now() < session.renewAt) return undefined;
    this.#renewing = true;
    try {
      const login = await this.#env.api.login(session.user);
      if (this.#session?.user !== session.user) return undefined;
      this.#keep(session.user, login);
      return login.token;
    } catch {
      // The present token is still good for a while; the connection says so when it no longer is.
      if (this.#session) this.#session = { ...this.#session, renewAt: this.#env.now() + RENEW_AGAIN_MS };
      return undefined;
    } finally {
      this.#renewing = false;
    }
  }

  #keep(user: string, { token, expiresAt }: Login): void {
    const now = this.#env.now();
    const life = expiresAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, expiresAt - now);
    const renewAt = now + Math.max(life - RENEW_BEFORE_MS, life / 2, RENEW_AGAIN_MS);
    this.#session = { user, token, expiresAt, renewAt };
    this.#env.storage.set(KEY, JSON.stringify({ user, token, expiresAt, ...(Number.isFinite(renewAt) && { renewAt: Math.floor(renewAt) }) }));
  }
}

function load(stored: string | null): Session | undefined {
  if (stored === null) return undefined;
  try {
    const object = asObject(JSON.parse(stored));
    return {
      user: field(object, 'user', asString),
      token: field(object, 'token', asString),
      expiresAt: optional(object, 'expiresAt', asCount),
      renewAt: optional(object, 'renewAt', asCount) ?? Number.POSITIVE_INFINITY,
    };
  } catch {
    return undefined;
  }
}
