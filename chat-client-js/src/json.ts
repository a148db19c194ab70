/** Readers for JSON that nobody has checked yet. A wrong shape throws {@link ShapeError}, which callers turn into a refusal. */

export class ShapeError extends Error {}

export type JsonObject = ReadonlyMap<string, unknown>;

/** A Map, so that a key such as `__proto__` is a key and nothing else. */
export function asObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError('not an object');
  return new Map<string, unknown>(Object.entries(value));
}

export function asArray<T>(value: unknown, read: (item: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new ShapeError('not an array');
  return value.map((item: unknown) => read(item));
}

export function asString(value: unknown): string {
  if (typeof value !== 'string') throw new ShapeError('not a string');
  return value;
}

export function asBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ShapeError('not a boolean');
  return value;
}

/** Offsets, counts and milliseconds: whole, not negative, exact. */
export function asCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new ShapeError('not a count');
  return value;
}

/** Not negative, perhaps with a fraction. */
export function asAmount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new ShapeError('not an amount');
  return value;
}

export function field<T>(object: JsonObject, name: string, read: (value: unknown) => T): T {
  try {
    return read(object.get(name));
  } catch (error) {
    throw error instanceof ShapeError ? new ShapeError(`${name}: ${error.message}`) : error;
  }
}

/** Absent and null are the same to a reader. */
export function optional<T>(object: JsonObject, name: string, read: (value: unknown) => T): T | undefined {
  const value = object.get(name);
  return value === undefined || value === null ? undefined : field(object, name, read);
}
