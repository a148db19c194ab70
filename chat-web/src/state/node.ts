/** Ids longer than this are cut for display. */
const SHORT = 12;

export function shortNode(node: string): string {
  return node.length <= SHORT ? node : node.slice(0, 8);
}

/** A hue that depends on the id alone, so that a node looks the same to everybody. Red is kept for what went wrong. */
export function nodeHue(node: string): number {
  let hash = 0x811c9dc5;
  for (const char of node) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return 30 + (hash % 300);
}
