import type { ChatRoom } from '@chat/client';

/** A message far back is not worth more pages than this: 50 messages each. */
const PAGES_MAX = 100;

/**
 * Reads back until a message is there.
 * @returns False when it never will be: the log does not reach so far back, or is not so long, or nobody answers.
 */
export async function reach(room: ChatRoom, offset: number): Promise<boolean> {
  for (let page = 0; page <= PAGES_MAX; page += 1) {
    const { state } = room;
    const first = state?.messages.at(0)?.position.offset;
    if (!state?.last || first === undefined || offset > state.last.offset) return false;
    if (first <= offset) return true;
    if (!state.more) return false;
    try {
      if ((await room.history()).length === 0) return false;
    } catch {
      return false;
    }
  }
  return false;
}
