import { tokenLifeMs, type TokenProvider } from '@chat/client';
import type { PageEnvironment } from './environment';
import { asObject, asString, field, optionalNumber } from './json';

const KEY = 'chat.session';

interface Proof {
  readonly user: string;
  readonly token: string;
  /** By the clock on the wall, which may have been set since: good for a guess. */
  readonly obtainedAt: number;
}

/** Who this tab is, and the token that proves it; both survive a reload. */
export class Session {
  readonly #env: PageEnvironment;
  #proof: Proof | undefined;
  /** On the page's own clock, when the present token will be over. */
  #expiresAt = Number.POSITIVE_INFINITY;

  constructor(env: PageEnvironment) {
    this.#env = env;
    const proof = load(env.storage.get(KEY));
    // A clock that went back says nothing: the server will.
    if (proof) this.#trust(proof, Math.max(0, env.wallNow() - proof.obtainedAt));
  }

  get user(): string | undefined {
    return this.#proof?.user;
  }

  get token(): string | undefined {
    return this.#proof?.token;
  }

  async signIn(user: string): Promise<void> {
    await this.#login(user);
  }

  signOut(): void {
    this.#proof = undefined;
    this.#env.storage.set(KEY, null);
  }

  /** The present token as long as it should be good, and another one whenever the client says that it is not. */
  readonly provide: TokenProvider = async (why) => {
    if (!this.#proof) throw new Error('Nobody is signed in.');
    if (why === 'connect' && this.#env.now() < this.#expiresAt) return this.#proof.token;
    return await this.#login(this.#proof.user);
  };

  async #login(user: string): Promise<string> {
    const before = this.#proof;
    const token = await this.#env.login(user);
    // Signed out, or in as somebody else, meanwhile: keep nothing of it.
    if (this.#proof?.user !== before?.user) return token;
    const proof = { user, token, obtainedAt: this.#env.wallNow() };
    this.#trust(proof, 0);
    this.#env.storage.set(KEY, JSON.stringify(proof));
    return token;
  }

  #trust(proof: Proof, ageMs: number): void {
    this.#proof = proof;
    this.#expiresAt = this.#env.now() + (tokenLifeMs(proof.token) ?? Number.POSITIVE_INFINITY) - ageMs;
  }
}

function load(stored: string | null): Proof | undefined {
  if (stored === null) return undefined;
  try {
    const object = asObject(JSON.parse(stored));
    return { user: field(object, 'user', asString), token: field(object, 'token', asString), obtainedAt: optionalNumber(object, 'obtainedAt') ?? 0 };
  } catch {
    return undefined;
  }
}
