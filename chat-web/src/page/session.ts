import { ChatError, tokenLifeMs, type TokenProvider } from '@chat/client';
import type { PageEnvironment } from './environment';
import type { Grant, Site } from './site';
import { asObject, asString, field, optionalNumber } from './json';

const KEY = 'chat.session';
const BAD_TOKEN = 4500;

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
  #over = false;
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

  /** Whether the person has to sign in again: the node said so, or the site where nobody is signed in any more, or somebody else. */
  isOver(closeCode: number | undefined): boolean {
    return closeCode === BAD_TOKEN || this.#over;
  }

  /** @returns Why it was not possible, or undefined. */
  async signIn(user: string): Promise<string | undefined> {
    try {
      await this.#login(user);
      return undefined;
    } catch (error) {
      return error instanceof ChatError ? error.message : 'The server cannot be reached. Try again in a moment.';
    }
  }

  /** Takes whoever is signed in at the site, if anybody is. @returns Why it cannot be known, or undefined. */
  async arrive(): Promise<string | undefined> {
    try {
      const grant = await this.#env.site?.grant();
      if (grant) this.#keep(grant);
      return undefined;
    } catch {
      return 'The site cannot be reached. Reload this page in a moment.';
    }
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
    const token = this.#env.site ? await this.#ask(this.#env.site, user) : await this.#env.login(user);
    // Signed out, or in as somebody else, meanwhile: keep nothing of it.
    if (this.#proof?.user === before?.user) this.#keep({ user, token });
    return token;
  }

  async #ask(site: Site, user: string): Promise<string> {
    const grant = await site.grant();
    this.#over = grant?.user !== user;
    if (!grant || this.#over) throw new ChatError('bad_token', 'Your sign-in is over. Please sign in again.');
    return grant.token;
  }

  #keep(grant: Grant): void {
    const proof = { ...grant, obtainedAt: this.#env.wallNow() };
    this.#over = false;
    this.#trust(proof, 0);
    this.#env.storage.set(KEY, JSON.stringify(proof));
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
