/** A shorter interruption is nobody's business. */
const TROUBLED_AFTER_MS = 2_000;

/** Waits before an interruption becomes news. */
export class Trouble {
  readonly #after: (delayMs: number, run: () => void) => () => void;
  readonly #tell: (troubled: boolean) => void;
  #cancel: (() => void) | undefined;

  constructor(after: (delayMs: number, run: () => void) => () => void, tell: (troubled: boolean) => void) {
    this.#after = after;
    this.#tell = tell;
  }

  begins(): void {
    this.#cancel ??= this.#after(TROUBLED_AFTER_MS, () => this.#tell(true));
  }

  ends(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
