/** Hues that people can tell apart, without the red of errors. */
const HUES = [210, 30, 150, 275, 55, 185, 325, 95, 240, 300] as const;
/** Shares no factor with their number, so that probing visits all of them. */
const STRIDE = 3;

/** Node → hue, for the nodes seen so far. */
export type NodeHues = ReadonlyMap<string, number>;

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

/** The nodes seen so far. What one is called, and its hue, stay as long as the page lives. */
export class Nodes {
  #hues: NodeHues = new Map();

  hueOf(node: string): number {
    return this.#meet(node).get(node) ?? 0;
  }

  /** `A` for the first node that appeared here, `B` for the second: easier to tell apart than ids. */
  nameOf(node: string): string {
    return letters([...this.#meet(node).keys()].indexOf(node));
  }

  #meet(node: string): NodeHues {
    this.#hues = withNode(this.#hues, node);
    return this.#hues;
  }
}

/** A to Z, then AA and on. */
export function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
