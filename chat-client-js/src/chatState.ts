import type { HelloFrame, JoinedFrame, Limits, Message } from './frames.js';
import { settle, settleAcked, type Outbox } from './outbox.js';
import { applyDisconnect, applyHistory, applyJoined, applyMessage, expireTyping, newRoom, passOwn, type RoomState } from './roomState.js';

export type ConnectionStatus =
  /** Not begun, or ended for good; only `connect` begins again. */
  | { readonly state: 'closed'; readonly reason?: string; readonly closeCode?: number }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  /** Lost; it comes back by itself. The next try is at `retryAt`, in milliseconds of the client's clock. */
  | { readonly state: 'waiting'; readonly retryAt: number; readonly reason: string; readonly closeCode?: number };

/** All that a client knows. Each state is immutable and is replaced whole. */
export interface ChatState {
  /** Who one is, by the node's word; undefined before the first connection. */
  readonly user: string | undefined;
  readonly status: ConnectionStatus;
  /** The node one is on, or was last. */
  readonly node: string | undefined;
  readonly limits: Limits;
  /** The node says that it is cut off from Redis. */
  readonly degraded: boolean;
  /** Rooms entered, by name, in the order of entering. */
  readonly rooms: ReadonlyMap<string, RoomState>;
  readonly outbox: Outbox;
}

/** In force until the node has said its own. */
export const DEFAULT_LIMITS: Limits = { frameBytesMax: 16_384, textBytesMax: 4_096, roomsMax: 100 };

export const INITIAL_STATE: ChatState = {
  user: undefined,
  status: { state: 'closed' },
  node: undefined,
  limits: DEFAULT_LIMITS,
  degraded: false,
  rooms: new Map(),
  outbox: [],
};

export function withRoom(state: ChatState, name: string, update: (room: RoomState) => RoomState): ChatState {
  const room = state.rooms.get(name);
  if (!room) return state;
  const updated = update(room);
  return updated === room ? state : { ...state, rooms: new Map(state.rooms).set(name, updated) };
}

export function addRoom(state: ChatState, name: string, messagesMax: number): ChatState {
  return state.rooms.has(name) ? state : { ...state, rooms: new Map(state.rooms).set(name, newRoom(name, messagesMax)) };
}

/** What is not known to be stored in the room goes with it: whoever leaves has been told. */
export function leaveRoom(state: ChatState, name: string): ChatState {
  const rooms = new Map(state.rooms);
  rooms.delete(name);
  return { ...state, rooms, outbox: state.outbox.filter((entry) => entry.room !== name) };
}

export function applyHello(state: ChatState, hello: HelloFrame): ChatState {
  return { ...state, node: hello.node, limits: hello.limits, user: hello.user, degraded: false };
}

export function applyStatus(state: ChatState, status: ConnectionStatus): ChatState {
  const lost = state.status.state === 'connected' && status.state !== 'connected';
  return { ...state, status, rooms: lost ? mapRooms(state.rooms, applyDisconnect) : state.rooms };
}

export function receiveMessage(state: ChatState, message: Message): ChatState {
  const applied = withRoom(state, message.room, (room) => {
    const updated = applyMessage(room, message);
    const placed = updated !== room && !updated.gap ? updated.messages.at(-1) : undefined;
    return placed && message.author === state.user ? passOwn(updated, placed) : updated;
  });
  return settled(applied, message.room, [message]);
}

export function receiveJoined(state: ChatState, joined: JoinedFrame): ChatState {
  return settled(withRoom(state, joined.room, (room) => applyJoined(room, joined)), joined.room, joined.messages);
}

export function receiveHistory(state: ChatState, name: string, page: readonly Message[], more: boolean): ChatState {
  return withRoom(state, name, (room) => applyHistory(room, page, more));
}

export function tickTyping(state: ChatState, now: number): ChatState {
  const rooms = mapRooms(state.rooms, (room) => expireTyping(room, now));
  return rooms === state.rooms ? state : { ...state, rooms };
}

function settled(state: ChatState, name: string, messages: readonly Message[]): ChatState {
  const last = state.rooms.get(name)?.last;
  if (!last) return state;
  const shown = messages.filter(({ position }) => position.epoch === last.epoch && position.offset <= last.offset);
  const outbox = settleAcked(settle(state.outbox, state.user ?? '', shown), name, last);
  return outbox === state.outbox ? state : { ...state, outbox };
}

function mapRooms(
  rooms: ReadonlyMap<string, RoomState>,
  update: (room: RoomState) => RoomState,
): ReadonlyMap<string, RoomState> {
  const updated = [...rooms].map(([name, room]) => [name, update(room)] as const);
  return updated.some(([name, room]) => rooms.get(name) !== room) ? new Map(updated) : rooms;
}
