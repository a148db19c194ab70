/** W3C trace context of a span: `00-<32 hex>-<16 hex>-01`. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

export type Attributes = Readonly<Record<string, string | number>>;

/** What OpenTelemetry calls them. */
export const KIND = { producer: 4, consumer: 5 } as const;

/** One finished piece of work. Times are milliseconds since 1970, by this device's clock. */
export interface Span extends SpanContext {
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: (typeof KIND)[keyof typeof KIND];
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** Set when it failed: a code of the protocol. */
  readonly error?: string;
}

/** @returns Undefined for what is none, or what nobody records. */
export function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return (Number.parseInt(flags ?? '0', 16) & 1) === 1 ? { traceId, spanId } : undefined;
}

export function formatTraceparent({ traceId, spanId }: SpanContext): string {
  return `00-${traceId}-${spanId}-01`;
}

/** What a span calls its room: the users of a direct room stay out of it, as on the nodes. */
export function roomOfSpan(room: string): string {
  return room.startsWith('dm:') ? 'dm:{user}:{user}' : room;
}
