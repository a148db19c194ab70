import { unreadCount, type ChatState, type Message, type RoomState } from '@chat/client';
import { sameKeys } from './maps';

/** What only the page knows. */
export interface OwnState {
  /** Undefined while nobody is signed in. */
  readonly user: string | undefined;
  /** The room one is looking at. */
  readonly active: string | undefined;
  /** What fills the page beside the rooms. */
  readonly view: 'room' | 'topology';
  /** The message whose way is shown, by its place in the room one looks at. */
  readonly inspected: number | undefined;
  /** The message that an address led to, by its place in that room, until it is in view. */
  readonly sought: { readonly room: string; readonly offset: number } | undefined;
  /** How long the newest message of one's own took to be stored, there and back. */
  readonly storedInMs: number | undefined;
  /** Rooms the server knows of. */
  readonly directory: readonly string[];
  /** Room → what was typed there and not sent. */
  readonly drafts: ReadonlyMap<string, string>;
  /** Room → offset of the first message that was new when the person came to look at it. */
  readonly newFrom: ReadonlyMap<string, number>;
  /** Something the person should know, until dismissed. */
  readonly notice: string | undefined;
  /** The connection has been away for longer than a person need not notice. */
  readonly troubled: boolean;
  /** What a screen reader says now. Another `id` says it again, even if it is the same. */
  readonly spoken: { readonly id: number; readonly text: string };
}

/** Everything that is drawn. */
export type PageState = Omit<ChatState, 'user'> & OwnState;

export const OWN_INITIAL: OwnState = {
  user: undefined,
  active: undefined,
  view: 'room',
  inspected: undefined,
  sought: undefined,
  storedInMs: undefined,
  directory: [],
  drafts: new Map(),
  newFrom: new Map(),
  notice: undefined,
  troubled: false,
  spoken: { id: 0, text: '' },
};

/** Texts that are not known to be stored: leaving now would lose them. */
export function unsentCount({ outbox }: Pick<ChatState, 'outbox'>, room?: string): number {
  return outbox.filter((entry) => entry.delivery.state !== 'sent' && (room === undefined || entry.room === room)).length;
}

/** What the tab is called: how many messages wait in rooms one is not looking at, and where one is. */
export function titleOf(state: PageState, label: (room: string) => string): string {
  const { user, active } = state;
  if (user === undefined) return 'Chat';
  const unread = [...state.rooms.values()].reduce((sum, room) => sum + unreadCount(room, user), 0);
  const where = active === undefined ? 'Chat' : `${label(active)} · Chat`;
  return unread === 0 ? where : `(${unread > 99 ? '99+' : unread}) ${where}`;
}

/**
 * What to say about a room one looks at: the newest message of somebody else that came while one was there. What a join
 * brings was said before, and is not read out again.
 */
function announcementOf(before: RoomState | undefined, after: RoomState, user: string): string | undefined {
  if (before?.phase !== 'live' || after.phase !== 'live' || !before.last || !after.last) return undefined;
  if (before.last.epoch !== after.last.epoch || after.last.offset <= before.last.offset) return undefined;
  const newest = after.messages.at(-1);
  return newest && newest.author !== user ? `${newest.author}: ${newest.text}` : undefined;
}

/** The first text of the outbox that has failed since. */
function failureOf(before: ChatState, after: ChatState): string | undefined {
  if (before.outbox === after.outbox) return undefined;
  const failed = after.outbox.find(
    (entry) =>
      entry.delivery.state === 'failed' && before.outbox.some((earlier) => earlier.id === entry.id && earlier.delivery.state !== 'failed'),
  );
  return failed?.delivery.state === 'failed' ? `Not sent: ${failed.text}. ${failed.delivery.reason}` : undefined;
}

/** What has just happened that a person who cannot see the page has to know. */
export function newsOf(before: ChatState, now: ChatState, { active, user }: OwnState): string | undefined {
  const failure = failureOf(before, now);
  if (failure !== undefined || active === undefined) return failure;
  const room = now.rooms.get(active);
  const earlier = before.rooms.get(active);
  return room && room !== earlier ? announcementOf(earlier, room, user ?? '') : undefined;
}

/** Whether anything changed that has to survive a reload. */
export function isWorthSaving(before: PageState, now: PageState): boolean {
  return (
    before.active !== now.active || before.outbox !== now.outbox || before.drafts !== now.drafts || before.user !== now.user ||
    !sameKeys(before.rooms, now.rooms)
  );
}

/** Whether a message can be shown as what it is. */
export function textOf(message: Message): string {
  return message.unreadable ? 'This message cannot be shown here.' : message.text;
}

/** Twenty times a second looks live, and leaves time for everything else. */
export const DRAW_EVERY_MS = 50;

/** Held of the room one looks at; no more than 300 of them are drawn at a time. */
export const MESSAGES_MAX = 50_000;

/** What a room one does not look at keeps; the rest can be read again. */
export const KEPT_OUT_OF_VIEW = 200;

/** Rooms out of view that hold twice what they should: letting go at every message would cost more than it frees. */
export function overgrown(rooms: ReadonlyMap<string, RoomState>, active: string | undefined): readonly string[] {
  return [...rooms.values()].filter(({ name, messages }) => name !== active && messages.length >= 2 * KEPT_OUT_OF_VIEW).map(({ name }) => name);
}

/** @returns Undefined while there is nothing to wait for. */
export function secondsToRetry(status: ChatState['status'], now: number): number | undefined {
  return status.state === 'waiting' ? Math.max(0, Math.ceil((status.retryAt - now) / 1_000)) : undefined;
}
