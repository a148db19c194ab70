import type { JoinedFrame, Message, Position, PresenceFrame } from '../frames';

/** As many as a room's log keeps on the server: what is older could not be read again anyway. */
export const MESSAGES_MAX = 10_000;

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
  /** `joining` until the node has answered on the present connection. */
  readonly phase: 'joining' | 'live';
  /** Position of the newest message applied; undefined before the first `joined`. */
  readonly last: Position | undefined;
  /** Oldest first, without holes, ending at `last`. */
  readonly messages: readonly Message[];
  /** A message was skipped: the room must be joined again from `last`. */
  readonly gap: boolean;
  readonly break: Break | undefined;
  /** The log may hold older messages than `messages[0]`. */
  readonly more: boolean;
  readonly loadingHistory: boolean;
  readonly presence: Presence;
  /** User → when to stop showing it, in milliseconds of the client's clock. */
  readonly typing: ReadonlyMap<string, number>;
  /** User → the newest offset they have read. */
  readonly read: ReadonlyMap<string, number>;
}

export function newRoom(name: string): RoomState {
  return {
    name,
    phase: 'joining',
    last: undefined,
    messages: [],
    gap: false,
    break: undefined,
    more: false,
    loadingHistory: false,
    presence: { members: undefined, count: 0 },
    typing: new Map(),
    read: new Map(),
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
  return { ...withMessages(room, [placed]), typing: without(room.typing, message.author) };
}

/** Applies the answer to a join: a replay behind `last`, or a fresh start where there is nothing to go on from. */
export function applyJoined(room: RoomState, joined: JoinedFrame): RoomState {
  const resumes = room.last !== undefined && joined.recovered && joined.epoch === room.last.epoch;
  const replayed = resumes ? applyReplay(room, joined) : applySnapshot(room, joined);
  return {
    ...replayed,
    phase: 'live',
    loadingHistory: false,
    presence: presenceOf(joined),
    read: mergeRead(room, joined),
  };
}

/** Applies one page of older messages. Only what ends right before the oldest one held is taken. */
export function applyHistory(room: RoomState, page: readonly Message[], more: boolean): RoomState {
  const { last } = room;
  const before = firstOffset(room);
  if (!last || before === undefined) return { ...room, loadingHistory: false };
  const older = contiguousTail(
    page.filter((message) => message.position.epoch === last.epoch && message.position.offset < before),
    before - 1,
  );
  const first = older[0]?.position.offset ?? before;
  const mended = room.break && room.break.lost.epoch === last.epoch && first <= room.break.lost.offset + 1;
  return {
    ...room,
    messages: [...older, ...room.messages],
    more: more && older.length > 0 && first > 1,
    loadingHistory: false,
    break: mended ? undefined : room.break,
  };
}

/** The connection is gone: what was learned over it about the present no longer holds. */
export function applyDisconnect(room: RoomState): RoomState {
  return { ...room, phase: 'joining', loadingHistory: false, typing: new Map() };
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

/** Messages behind the user's read position; 0 while that is unknown. */
export function unreadCount(room: RoomState, user: string): number {
  const read = room.read.get(user);
  return room.last && read !== undefined ? Math.max(0, room.last.offset - read) : 0;
}

/** Where a page of older messages has to end. */
export function firstOffset(room: RoomState): number | undefined {
  return room.messages[0]?.position.offset ?? (room.last && room.last.offset + 1);
}

/** The same as applying the messages one by one, without copying all that is held for each. */
function applyReplay(room: RoomState, joined: JoinedFrame): RoomState {
  let offset = room.last?.offset ?? 0;
  const next: Message[] = [];
  for (const message of joined.messages) {
    if (message.position.epoch !== joined.epoch || message.position.offset !== offset + 1) continue;
    next.push(message);
    offset += 1;
  }
  return { ...withMessages(room, next), gap: offset < joined.offset };
}

function applySnapshot(room: RoomState, joined: JoinedFrame): RoomState {
  const newest = joined.messages.at(-1)?.position.offset ?? joined.offset;
  const inEpoch = joined.messages.filter((message) => message.position.epoch === joined.epoch);
  const messages = contiguousTail(inEpoch, newest);
  const first = messages[0]?.position.offset ?? newest + 1;
  return {
    ...room,
    last: { epoch: joined.epoch, offset: newest },
    messages,
    gap: newest < joined.offset,
    more: first > 1,
    break: room.last ? { at: first, lost: room.last } : undefined,
  };
}

/** Appends messages that follow `last`, and lets go of the oldest beyond the limit. */
function withMessages(room: RoomState, newer: readonly Message[]): RoomState {
  const all = [...room.messages, ...newer];
  const kept = all.length > MESSAGES_MAX ? all.slice(-MESSAGES_MAX) : all;
  return {
    ...room,
    last: newer.at(-1)?.position ?? room.last,
    messages: kept,
    more: room.more || kept.length < all.length,
  };
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

function without(typing: ReadonlyMap<string, number>, user: string): ReadonlyMap<string, number> {
  if (!typing.has(user)) return typing;
  const rest = new Map(typing);
  rest.delete(user);
  return rest;
}
