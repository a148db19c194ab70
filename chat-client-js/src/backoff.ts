export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * How long to wait before a try. The jitter is full and comes after the cap: jitter first and cap second would bring
 * every client that has reached the cap back at the same moment.
 * @param failures How many tries in a row have failed before this one.
 * @param random From 0 up to 1.
 */
export function backoffDelay({ baseMs, capMs }: Backoff, failures: number, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
  return Math.floor(random * ceiling);
}
