import { encodeSpans } from './otlp';
import type { Attributes, Span } from './span';

/** How spans leave the page. */
export interface ExporterOptions {
  /** What is gathered for so long goes out together. */
  readonly periodMs: number;
  /** …or as soon as it is this many. */
  readonly batchSpans: number;
  /** Spans that wait while nobody takes them; the oldest go first. */
  readonly queueSpansMax: number;
  /** After a failure, the wait doubles up to this. */
  readonly waitMaxMs: number;
}

export const EXPORTER_DEFAULTS: ExporterOptions = { periodMs: 1_000, batchSpans: 64, queueSpansMax: 512, waitMaxMs: 60_000 };

export interface ExporterWorld {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Hands one request to the collector. Rejects when it was not taken. */
  readonly post: (body: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/** Sends spans to a collector, a few at a time. What it does not take is lost at some point, and nothing else happens. */
export class Exporter {
  readonly #world: ExporterWorld;
  readonly #resource: Attributes;
  readonly #options: ExporterOptions;
  #queue: readonly Span[] = [];
  #waitMs: number;
  #cancel: (() => void) | undefined;
  #sending = false;

  constructor(world: ExporterWorld, resource: Attributes, options: ExporterOptions = EXPORTER_DEFAULTS) {
    this.#world = world;
    this.#resource = resource;
    this.#options = options;
    this.#waitMs = options.periodMs;
  }

  add(span: Span): void {
    this.#queue = [...this.#queue, span].slice(-this.#options.queueSpansMax);
    const healthy = this.#waitMs === this.#options.periodMs;
    if (healthy && this.#queue.length >= this.#options.batchSpans) void this.flush();
    else this.#schedule();
  }

  /** Sends what there is, one request at a time. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#sending || this.#queue.length === 0) return;
    const batch = this.#queue.slice(0, this.#options.batchSpans);
    this.#queue = this.#queue.slice(batch.length);
    this.#sending = true;
    try {
      await this.#world.post(encodeSpans(this.#resource, 'chat-web', batch));
      this.#waitMs = this.#options.periodMs;
    } catch {
      this.#waitMs = Math.min(this.#waitMs * 2, this.#options.waitMaxMs);
      this.#queue = [...batch, ...this.#queue].slice(-this.#options.queueSpansMax);
    }
    this.#sending = false;
    if (this.#queue.length > 0) this.#schedule();
  }

  #schedule(): void {
    this.#cancel ??= this.#world.after(this.#waitMs, () => void this.flush());
  }
}
