import type { Message, MessageList, RoomState } from '@chat/client';

/** So many rows stay smooth on a phone; the rest of what is held is drawn as one scrolls. */
export const ROWS_MAX = 300;
const GROUP_WITHIN_MS = 5 * 60_000;

export interface Window {
  readonly rows: readonly Message[];
  readonly hiddenOlder: number;
  readonly hiddenNewer: number;
}

/** The part of the timeline that is drawn.
 * @param from Offset of the first row; undefined to follow the newest. */
export function windowOf(messages: Pick<MessageList, 'length' | 'at' | 'slice'>, from: number | undefined): Window {
  const newestStart = Math.max(0, messages.length - ROWS_MAX);
  const first = messages.at(0)?.position.offset ?? 0;
  const start = from === undefined ? newestStart : Math.min(Math.max(0, from - first), newestStart);
  const rows = messages.slice(start, start + ROWS_MAX);
  return { rows, hiddenOlder: start, hiddenNewer: messages.length - start - rows.length };
}

/** Whether a message needs its own line with author, time and node. */
export function startsGroup(previous: Message | undefined, message: Message): boolean {
  if (!previous || previous.author !== message.author || previous.node !== message.node) return true;
  const apart = Date.parse(message.sentAt) - Date.parse(previous.sentAt);
  return Number.isNaN(apart) || Math.abs(apart) > GROUP_WITHIN_MS;
}

/** Whether a message is the first of its day, by the reader's own calendar. */
export function startsDay(previous: Message | undefined, message: Message): boolean {
  return !previous || new Date(previous.sentAt).toDateString() !== new Date(message.sentAt).toDateString();
}

/** Others whose read position has reached a message. */
export function readersOf(room: RoomState, message: Message): readonly string[] {
  return [...room.read].filter(([user, offset]) => user !== message.author && offset >= message.position.offset).map(([user]) => user);
}

/** What to call a room: for a direct room, the other person. */
export function roomLabel(name: string, user: string | undefined): string {
  if (!name.startsWith('dm:')) return name;
  const others = name.split(':').slice(1).filter((person) => person !== user);
  return `@${others.join(', ')}`;
}
