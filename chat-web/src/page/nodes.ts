/** Ids longer than this are cut for display. */
const SHORT = 12;
/** Hues that people can tell apart, without the red of errors. */
const HUES = [210, 30, 150, 275, 55, 185, 325, 95, 240, 300] as const;
/** Shares no factor with their number, so that probing visits all of them. */
const STRIDE = 3;

/** Node → hue, for the nodes seen so far. */
export type NodeHues = ReadonlyMap<string, number>;

export function shortNode(node: string): string {
  return node.length <= SHORT ? node : node.slice(0, 8);
}

/**
 * Gives a node its hue, and keeps everybody else's. It depends on the id, so that a node nearly always looks the same
 * to everybody; where two ids want the same hue, the one seen later takes another.
 */
export function withNode(hues: NodeHues, node: string): NodeHues {
  if (hues.has(node)) return hues;
  const taken = new Set(hues.values());
  const wanted = hash(node) % HUES.length;
  const slots = HUES.map((_, tries) => HUES[(wanted + tries * STRIDE) % HUES.length] ?? 0);
  const hue = slots.find((slot) => !taken.has(slot)) ?? slots[0] ?? 0;
  return new Map(hues).set(node, hue);
}

/** The hues of all nodes seen so far. A node that has one keeps it. */
export class Hues {
  #hues: NodeHues = new Map();

  of(node: string): number {
    this.#hues = withNode(this.#hues, node);
    return this.#hues.get(node) ?? 0;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
