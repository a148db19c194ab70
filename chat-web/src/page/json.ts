/** Readers for what was stored by an earlier version of the page, or by somebody else. A wrong shape throws. */

export type JsonObject = ReadonlyMap<string, unknown>;

/** A Map, so that a key such as `__proto__` is a key and nothing else. */
export function asObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return new Map<string, unknown>(Object.entries(value));
}

export function asArray<T>(value: unknown, read: (item: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError('not an array');
  return value.map((item: unknown) => read(item));
}

export function asString(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a string');
  return value;
}

export function field<T>(object: JsonObject, name: string, read: (value: unknown) => T): T {
  return read(object.get(name));
}

export function optionalNumber(object: JsonObject, name: string): number | undefined {
  const value = object.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('not a number');
  return value;
}

export function asBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError('not a boolean');
  return value;
}
