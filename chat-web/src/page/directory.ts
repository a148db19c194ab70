import type { PageEnvironment } from './environment';

const EVERY_MS = 5_000;

/** The rooms the server knows of, read now and then while somebody looks: they appear as people make them. */
export class Directory {
  readonly #env: PageEnvironment;
  readonly #token: () => string | undefined;
  readonly #tell: (rooms: readonly string[]) => void;

  /** @param token Undefined while there is nobody, or no connection, to ask for. */
  constructor(env: PageEnvironment, token: () => string | undefined, tell: (rooms: readonly string[]) => void) {
    this.#env = env;
    this.#token = token;
    this.#tell = tell;
  }

  watch(): void {
    this.#env.after(EVERY_MS, () => {
      if (this.#env.visible()) void this.read();
      this.watch();
    });
  }

  async read(): Promise<void> {
    const token = this.#token();
    if (token === undefined) return;
    try {
      const rooms = await this.#env.rooms(token);
      if (this.#token() !== undefined) this.#tell(rooms);
    } catch {
      // The list is a convenience: a name can be typed, and it is asked for again soon.
    }
  }
}
