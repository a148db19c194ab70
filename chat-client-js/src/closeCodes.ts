export const BAD_TOKEN = 4500;
export const TOKEN_EXPIRED = 4003;

export interface Verdict {
  readonly comeBack: boolean;
  /** In words for a person. */
  readonly reason: string;
}

/** What a close code asks of the client: 4500–4999 stay away, everything else comes back. */
export function verdictOn(code: number): Verdict {
  const comeBack = code < 4500 || code > 4999;
  const reason = REASONS.get(code) ?? (comeBack ? 'The connection was lost.' : `The server closed the connection for good (${code}).`);
  return { comeBack, reason };
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [1001, 'The node is going away.'],
  [1012, 'The node is restarting.'],
  [4000, 'The node is leaving; moving to another one.'],
  [4001, 'This page read too slowly; what it missed is read again.'],
  [4002, 'The node did not hear from this page in time.'],
  [TOKEN_EXPIRED, 'The sign-in expired; it is being renewed.'],
  [4004, 'Moving to a less busy node.'],
  [BAD_TOKEN, 'Your sign-in is no longer valid. Please sign in again.'],
  [4501, 'This page and the server do not understand each other. Reload the page.'],
  [4502, 'You were removed from the chat.'],
  [4503, 'You have too many connections open. Close another tab, then connect again.'],
]);
