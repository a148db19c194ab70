import type { ErrorFrame, JoinedFrame, Message, Position, PresenceFrame } from './frames.js';
import { MessageList } from './messageList.js';
import { inEpoch, isDirectRoom } from './protocol.js';

/** How long somebody counts as typing after their last sign of it. */
export const TYPING_SHOWN_MS = 4_000;

/** Where the timeline is known to lack messages. */
export interface Break {
  /** The offset of the first message after the hole. */
  readonly at: number;
  /** What was applied before it; paging back to there in the same epoch mends the hole. */
  readonly lost: Position;
}

/** Who is here: the names, or in a big room only how many. */
export interface Presence {
  readonly members: ReadonlySet<string> | undefined;
  readonly count: number;
}

export interface RoomState {
  readonly name: string;
  /** `joining` until the node has answered on the present connection; `refused` when it said no, for good. */
  readonly phase: 'joining' | 'live' | 'refused';
  /** Why, while `refused`. */
  readonly refusal: { readonly code: string; readonly message: string } | undefined;
  /** Position of the newest message applied; undefined before the first `joined`. */
  readonly last: Position | undefined;
  /** Oldest first, without holes, ending at `last`. */
  readonly messages: MessageList;
  /** As many as may be held; the oldest go first. */
  readonly messagesMax: number;
  /** The node numbers nothing here: places in `messages` are this client's own. */
  readonly unnumbered: boolean;
  /** A message was skipped: the room must be joined again from `last`. */
  readonly gap: boolean;
  readonly break: Break | undefined;
  /** The log may hold older messages than `messages[0]`. */
  readonly more: boolean;
  readonly loadingHistory: boolean;
  readonly presence: Presence;
  /** User → when to stop showing it, in milliseconds of the client's clock. */
  readonly typing: ReadonlyMap<string, number>;
  /** User → the newest offset they have read, by the node's word or, for oneself, one's own. */
  readonly read: ReadonlyMap<string, number>;
  /** Where to count unread messages from while one's own read position is unknown. Nobody is told of it. */
  readonly floor: number;
  /** Nothing of others is unread up to here, since all behind the read position is one's own. */
  readonly own: number;
}

/** @param messagesMax Messages to hold at most. */
export function newRoom(name: string, messagesMax: number): RoomState {
  return {
    name,
    phase: 'joining',
    refusal: undefined,
    last: undefined,
    messages: MessageList.EMPTY,
    messagesMax,
    unnumbered: false,
    gap: false,
    break: undefined,
    more: false,
    loadingHistory: false,
    presence: { members: undefined, count: 0 },
    typing: new Map(),
    read: new Map(),
    floor: 0,
    own: 0,
  };
}

/** The offset of a message that has none, since the delivery strategy numbers nothing. */
const UNNUMBERED = 0;

/** Applies one live message. Old offsets change nothing; a skipped one marks a gap, and the caller joins again from `last`. */
export function applyMessage(room: RoomState, message: Message): RoomState {
  if (!room.last) return room;
  const { epoch, offset } = message.position;
  if (offset === UNNUMBERED) return applyUnnumbered(room, room.last, message);
  if (epoch !== room.last.epoch || offset > room.last.offset + 1) return room.gap ? room : { ...room, gap: true };
  if (offset <= room.last.offset) return room;
  return { ...withMessages(room, [message]), typing: without(room.typing, message.author) };
}

/** Shown as it comes. It gets the next place here, so that all that goes by offset holds; another page may place it elsewhere. */
function applyUnnumbered(room: RoomState, last: Position, message: Message): RoomState {
  const placed = { ...message, position: { epoch: last.epoch, offset: last.offset + 1 } };
  return { ...withMessages(room, [placed]), unnumbered: true, typing: without(room.typing, message.author) };
}

/** Applies the answer to a join: a replay behind `last`, or a fresh start where there is nothing to go on from. */
export function applyJoined(room: RoomState, joined: JoinedFrame): RoomState {
  return {
    ...withJoined(room, joined),
    phase: 'live',
    refusal: undefined,
    loadingHistory: false,
    presence: presenceOf(joined),
    read: mergeRead(room, joined),
    floor: floorOf(room, joined),
    own: continues(room, joined) ? room.own : 0,
  };
}

function withJoined(room: RoomState, joined: JoinedFrame): RoomState {
  const { last } = room;
  if (last && room.unnumbered && joined.offset === UNNUMBERED) return continueUnnumbered(room, last, joined.epoch);
  return last && joined.recovered && joined.epoch === last.epoch ? applyReplay(room, joined) : applySnapshot(room, joined);
}

/** The node keeps nothing and can replay nothing: what is held stays, and what was said meanwhile is missing. */
function continueUnnumbered(room: RoomState, last: Position, epoch: string): RoomState {
  return {
    ...room,
    last: { epoch, offset: last.offset },
    messages: epoch === last.epoch ? room.messages : MessageList.of(inEpoch(room.messages.slice(0), epoch)),
    gap: false,
    break: { at: last.offset + 1, lost: last },
  };
}

/** The join is on its way: the node ends the old membership before it answers, so nothing else can be asked of it until then. */
export function applyJoining(room: RoomState): RoomState {
  return room.phase === 'joining' ? room : { ...room, phase: 'joining', refusal: undefined };
}

/** The node will not have this user here. What was shown stays. */
export function applyRefusal(room: RoomState, { code, message }: Pick<ErrorFrame, 'code' | 'message'>): RoomState {
  return { ...room, phase: 'refused', refusal: { code, message }, loadingHistory: false, typing: new Map() };
}

/**
 * Applies one page of older messages. Only what ends right before the oldest one held is taken, in whatever epoch it was
 * written: in a room's log, offsets count in the epoch of its last `joined`. What would not fit stays away.
 */
export function applyHistory(room: RoomState, page: readonly Message[], more: boolean): RoomState {
  const { last } = room;
  const before = firstOffset(room);
  if (!last || before === undefined) return { ...room, loadingHistory: false };
  const below = page.filter((message) => message.position.offset < before);
  const fitting = Math.max(0, room.messagesMax - room.messages.length);
  const older = newestOf(inEpoch(contiguousTail(below, before - 1), last.epoch), fitting);
  const first = older[0]?.position.offset ?? before;
  const mended = room.break && room.break.lost.epoch === last.epoch && first <= room.break.lost.offset + 1;
  return {
    ...room,
    messages: room.messages.prepend(older),
    more: more && older.length > 0 && first > 1,
    loadingHistory: false,
    break: mended ? undefined : room.break,
  };
}

/** The connection is gone: what was learned over it about the present no longer holds. */
export function applyDisconnect(room: RoomState): RoomState {
  return { ...room, phase: room.phase === 'refused' ? 'refused' : 'joining', loadingHistory: false, typing: new Map() };
}

export function applyPresence(room: RoomState, { joined, left, memberCount }: PresenceFrame): RoomState {
  const { members, count } = room.presence;
  if (memberCount !== undefined) {
    return { ...room, presence: { members: joined.length > 0 ? new Set(joined) : undefined, count: memberCount } };
  }
  if (!members) {
    return { ...room, presence: { members, count: Math.max(0, count + joined.length - left.length) } };
  }
  const now = new Set(members);
  for (const user of left) now.delete(user);
  for (const user of joined) now.add(user);
  return { ...room, presence: { members: now, count: now.size } };
}

export function applyTyping(room: RoomState, user: string, now: number): RoomState {
  return { ...room, typing: new Map(room.typing).set(user, now + TYPING_SHOWN_MS) };
}

export function expireTyping(room: RoomState, now: number): RoomState {
  const still = [...room.typing].filter(([, until]) => until > now);
  return still.length === room.typing.size ? room : { ...room, typing: new Map(still) };
}

/** Read positions only grow. */
export function applyRead(room: RoomState, user: string, offset: number): RoomState {
  if ((room.read.get(user) ?? -1) >= offset) return room;
  return { ...room, read: new Map(room.read).set(user, offset) };
}

/** Messages behind the user's read position or, while that is unknown, behind where counting began. */
export function unreadCount(room: RoomState, user: string): number {
  return room.last ? Math.max(0, room.last.offset - readUpTo(room, user)) : 0;
}

function readUpTo(room: RoomState, user: string): number {
  return Math.max(room.read.get(user) ?? room.floor, room.own);
}

/** What one wrote oneself, on whatever device, is not unread. What others wrote before it stays so, and nobody is told anything. */
export function passOwn(room: RoomState, message: Message): RoomState {
  const { offset } = message.position;
  return room.last?.offset === offset && readUpTo(room, message.author) === offset - 1 ? { ...room, own: offset } : room;
}

/** Lets go of all but the newest messages; older ones can be read again. */
export function trim(room: RoomState, count: number): RoomState {
  return room.messages.length <= count ? room : { ...room, messages: room.messages.newest(count), more: true };
}

/** Where a page of older messages has to end. */
export function firstOffset(room: RoomState): number | undefined {
  return room.messages.at(0)?.position.offset ?? (room.last && room.last.offset + 1);
}

/** The same as applying the messages one by one, without copying all that is held for each. */
function applyReplay(room: RoomState, joined: JoinedFrame): RoomState {
  let offset = room.last?.offset ?? 0;
  const next: Message[] = [];
  for (const message of joined.messages) {
    if (message.position.offset !== offset + 1) continue;
    next.push(message);
    offset += 1;
  }
  return { ...withMessages(room, next), gap: offset < joined.offset };
}

function applySnapshot(room: RoomState, joined: JoinedFrame): RoomState {
  const newest = joined.messages.at(-1)?.position.offset ?? joined.offset;
  const messages = newestOf(contiguousTail(joined.messages, newest), room.messagesMax);
  const first = messages[0]?.position.offset ?? newest + 1;
  return {
    ...room,
    last: { epoch: joined.epoch, offset: newest },
    messages: MessageList.of(messages),
    unnumbered: false,
    gap: newest < joined.offset,
    more: first > 1,
    break: room.last ? { at: first, lost: room.last } : undefined,
  };
}

/** Appends messages that follow `last`, and lets go of the oldest beyond the limit. */
function withMessages(room: RoomState, newer: readonly Message[]): RoomState {
  const all = room.messages.append(newer);
  const kept = all.newest(room.messagesMax);
  return {
    ...room,
    last: newer.at(-1)?.position ?? room.last,
    messages: kept,
    more: room.more || kept.length < all.length,
  };
}

function newestOf(messages: readonly Message[], count: number): readonly Message[] {
  return messages.length <= count ? messages : messages.slice(messages.length - count);
}

/** The longest run of consecutive offsets that ends at `end`. */
function contiguousTail(messages: readonly Message[], end: number): readonly Message[] {
  let start = messages.length;
  let expected = end;
  while (start > 0 && messages[start - 1]?.position.offset === expected) {
    start -= 1;
    expected -= 1;
  }
  return messages.slice(start);
}

function presenceOf(joined: JoinedFrame): Presence {
  const members = joined.members && new Set(joined.members);
  return { members, count: joined.memberCount ?? members?.size ?? 0 };
}

/** In a new epoch the old offsets mean nothing, so neither do the old read positions; nobody has read beyond the top. */
function mergeRead(room: RoomState, joined: JoinedFrame): ReadonlyMap<string, number> {
  const merged = new Map(room.last?.epoch === joined.epoch ? room.read : []);
  for (const [user, offset] of joined.read) merged.set(user, Math.max(Math.min(offset, joined.offset), merged.get(user) ?? -1));
  return merged;
}

/**
 * Unread messages of a room one has just come to begin with its newest; those of a direct room with its first, since whoever
 * wrote them wrote to this user. In a log that began anew, all that is there counts as known.
 */
function floorOf(room: RoomState, joined: JoinedFrame): number {
  if (!room.last) return isDirectRoom(room.name) ? 0 : joined.offset;
  return continues(room, joined) ? room.floor : joined.offset;
}

function continues({ last, unnumbered }: RoomState, joined: JoinedFrame): boolean {
  return last?.epoch === joined.epoch || unnumbered;
}

function without(typing: ReadonlyMap<string, number>, user: string): ReadonlyMap<string, number> {
  if (!typing.has(user)) return typing;
  const rest = new Map(typing);
  rest.delete(user);
  return rest;
}
