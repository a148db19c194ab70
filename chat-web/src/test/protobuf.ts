/** Reads protobuf for tests: field number → its values, in order. */

export type Raw = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

export function read(bytes: Uint8Array): Raw {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    let value: bigint | Uint8Array;
    if ((tag & 7) === 0) value = varint();
    else if ((tag & 7) === 1) {
      value = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
      at += 8;
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      value = bytes.slice(at, at + length);
      at += length;
    } else throw new Error(`No such wire type: ${tag & 7}`);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

export function inside(raw: Raw, field: number): readonly Raw[] {
  return (raw.get(field) ?? []).map((value) => read(value as Uint8Array));
}

export function textAt(raw: Raw | undefined, field: number): string {
  return new TextDecoder().decode(raw?.get(field)?.[0] as Uint8Array | undefined);
}

export function hexAt(raw: Raw, field: number): string {
  return Array.from((raw.get(field)?.[0] ?? []) as Uint8Array, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function numberAt(raw: Raw, field: number): bigint | undefined {
  return raw.get(field)?.[0] as bigint | undefined;
}

export interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: ReadonlyMap<string, string | number>;
  readonly status: bigint | undefined;
}

/** The spans of one export request. */
export function spansIn(body: Uint8Array): readonly ReadSpan[] {
  return inside(read(body), 1).flatMap((resource) => inside(resource, 2)).flatMap((scope) => inside(scope, 2)).map((span) => ({
    traceId: hexAt(span, 1),
    spanId: hexAt(span, 2),
    parent: hexAt(span, 4),
    name: textAt(span, 5),
    kind: Number(numberAt(span, 6)),
    start: numberAt(span, 7) ?? 0n,
    end: numberAt(span, 8) ?? 0n,
    attributes: attributesOf(span, 9),
    status: inside(span, 15).map((status) => numberAt(status, 3))[0],
  }));
}

export function attributesOf(raw: Raw, field: number): ReadonlyMap<string, string | number> {
  return new Map(inside(raw, field).map((pair) => {
    const value = inside(pair, 2)[0];
    const whole = value && numberAt(value, 3);
    return [textAt(pair, 1), whole === undefined ? textAt(value, 1) : Number(whole)];
  }));
}
