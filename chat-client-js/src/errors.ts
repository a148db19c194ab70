/** Codes that the client itself gives; a node's own are in `docs/protocol.md`. */
export const CLOSED = 'closed';
export const TIMEOUT = 'timeout';
export const OUTBOX_FULL = 'outbox_full';
export const UNKNOWN_OUTCOME = 'unknown_outcome';

/** The node refused, or the client cannot go on with it. */
export class ChatError extends Error {
  /** What to decide by; the message is for people. */
  readonly code: string;
  /** The room it is about, where it is about one. */
  readonly room: string | undefined;

  constructor(code: string, message: string, room?: string) {
    super(message);
    this.name = 'ChatError';
    this.code = code;
    this.room = room;
  }

  /** Whether the same may succeed later without anybody changing anything. */
  get temporary(): boolean {
    return isTemporary(this.code);
  }
}

export function isTemporary(code: string): boolean {
  return code === 'unavailable' || code === 'rate_limited' || code === TIMEOUT;
}
