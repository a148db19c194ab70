import type { Attributes, Span } from './span';

/**
 * Spans as OTLP's `ExportTraceServiceRequest` in protobuf, which every collector has to take over HTTP, unlike JSON. Numbers are
 * those of `opentelemetry/proto/trace/v1`.
 */
export function encodeSpans(resource: Attributes, scope: string, spans: readonly Span[]): Uint8Array<ArrayBuffer> {
  const scopeSpans = [...message(1, text(1, scope)), ...spans.flatMap((span) => message(2, spanFields(span)))];
  const resourceSpans = [...message(1, attributes(1, resource)), ...message(2, scopeSpans)];
  return new Uint8Array(message(1, resourceSpans));
}

const ERROR = 2;

function spanFields(span: Span): number[] {
  return [
    ...message(1, hex(span.traceId)),
    ...message(2, hex(span.spanId)),
    ...(span.parentSpanId === undefined ? [] : message(4, hex(span.parentSpanId))),
    ...text(5, span.name),
    ...whole(6, BigInt(span.kind)),
    ...time(7, span.startMs),
    ...time(8, span.endMs),
    ...attributes(9, span.error === undefined ? span.attributes : { ...span.attributes, 'error.type': span.error }),
    ...(span.error === undefined ? [] : message(15, whole(3, BigInt(ERROR)))),
  ];
}

function attributes(field: number, values: Attributes): number[] {
  return Object.entries(values).flatMap(([key, value]) => message(field, [...text(1, key), ...message(2, anyValue(value))]));
}

function anyValue(value: string | number): number[] {
  if (typeof value === 'string') return text(1, value);
  return Number.isSafeInteger(value) ? whole(3, BigInt(value)) : double(4, value);
}

function message(field: number, bytes: readonly number[]): number[] {
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(bytes.length)), ...bytes];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function whole(field: number, value: bigint): number[] {
  return [...varint(BigInt(field << 3)), ...varint(BigInt.asUintN(64, value))];
}

function double(field: number, value: number): number[] {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  return [...varint(BigInt((field << 3) | 1)), ...new Uint8Array(bytes.buffer)];
}

/** Nanoseconds since 1970 as fixed64: more than a double holds. */
function time(field: number, ms: number): number[] {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(Math.round(ms * 1_000)) * 1_000n, true);
  return [...varint(BigInt((field << 3) | 1)), ...new Uint8Array(bytes.buffer)];
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

function hex(digits: string): number[] {
  return Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}
