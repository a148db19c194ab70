import type { HelloFrame, JoinedFrame, Limits, Message } from '../frames';
import { withNode, type NodeHues } from './node';
import { settle, settleAcked, type Outbox } from './outbox';
import { applyDisconnect, applyHistory, applyJoined, applyMessage, applyRead, expireTyping, newRoom, type RoomState } from './room';

export type ConnectionState =
  | { readonly phase: 'off' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open' }
  /** The next try is at `retryAt`, in milliseconds of the client's clock. */
  | { readonly phase: 'waiting'; readonly retryAt: number; readonly reason: string }
  /** The server asked not to come back; only a person may try again. */
  | { readonly phase: 'stopped'; readonly reason: string };

export interface ChatState {
  /** Undefined while nobody is signed in. */
  readonly user: string | undefined;
  readonly connection: ConnectionState;
  /** The node this client is on, or was last. */
  readonly node: string | undefined;
  /** In which colour to show each node seen so far. */
  readonly hues: NodeHues;
  readonly limits: Limits;
  /** The node is cut off from the store. */
  readonly degraded: boolean;
  /** Rooms entered, by name, in the order of entering. */
  readonly rooms: ReadonlyMap<string, RoomState>;
  readonly active: string | undefined;
  /** Rooms the server knows of. */
  readonly directory: readonly string[];
  readonly outbox: Outbox;
  /** Something the person should know, until dismissed. */
  readonly notice: string | undefined;
}

/** In force until the node has said its own. */
export const DEFAULT_LIMITS: Limits = { frameBytesMax: 16_384, textBytesMax: 4_096, roomsMax: 100 };

export const INITIAL_STATE: ChatState = {
  user: undefined,
  connection: { phase: 'off' },
  node: undefined,
  hues: new Map(),
  limits: DEFAULT_LIMITS,
  degraded: false,
  rooms: new Map(),
  active: undefined,
  directory: [],
  outbox: [],
  notice: undefined,
};

export function withRoom(state: ChatState, name: string, update: (room: RoomState) => RoomState): ChatState {
  const room = state.rooms.get(name);
  if (!room) return state;
  const updated = update(room);
  return updated === room ? state : { ...state, rooms: new Map(state.rooms).set(name, updated) };
}

export function enterRoom(state: ChatState, name: string): ChatState {
  const rooms = state.rooms.has(name) ? state.rooms : new Map(state.rooms).set(name, newRoom(name));
  return { ...state, rooms, active: name };
}

/** Somebody opened a direct room: it joins the list, but the person stays where they are. */
export function addRoom(state: ChatState, name: string): ChatState {
  return state.rooms.has(name) ? state : { ...state, rooms: new Map(state.rooms).set(name, newRoom(name)) };
}

export function leaveRoom(state: ChatState, name: string): ChatState {
  const rooms = new Map(state.rooms);
  rooms.delete(name);
  const active = state.active === name ? [...rooms.keys()].at(-1) : state.active;
  return { ...state, rooms, active, outbox: state.outbox.filter((entry) => entry.room !== name) };
}

export function applyHello(state: ChatState, hello: HelloFrame): ChatState {
  return { ...state, node: hello.node, hues: withNode(state.hues, hello.node), limits: hello.limits, user: hello.user, degraded: false };
}

export function applyConnection(state: ChatState, connection: ConnectionState): ChatState {
  const lost = state.connection.phase === 'open' && connection.phase !== 'open';
  return { ...state, connection, rooms: lost ? mapRooms(state.rooms, applyDisconnect) : state.rooms };
}

export function receiveMessage(state: ChatState, message: Message): ChatState {
  const user = state.user ?? '';
  const applied = withRoom(state, message.room, (room) => {
    const updated = applyMessage(room, message);
    // What one wrote oneself, on whatever device, one has read.
    const own = message.author === user && updated.last === message.position;
    return own ? applyRead(updated, user, message.position.offset) : updated;
  });
  return settled(withNodes(applied, [message]), message.room, [message]);
}

export function receiveJoined(state: ChatState, joined: JoinedFrame): ChatState {
  const user = state.user ?? '';
  const applied = withRoom(state, joined.room, (room) => {
    const updated = applyJoined(room, joined);
    // Without a read position of one's own there is nothing to count unread messages from: begin here.
    return updated.read.has(user) || !updated.last ? updated : applyRead(updated, user, updated.last.offset);
  });
  const before = state.rooms.get(joined.room)?.break;
  const after = applied.rooms.get(joined.room)?.break;
  const told = after && after !== before ? { ...applied, notice: `Some messages in ${joined.room} could not be recovered.` } : applied;
  return settled(withNodes(told, joined.messages), joined.room, joined.messages);
}

export function receiveHistory(state: ChatState, name: string, page: readonly Message[], more: boolean): ChatState {
  return withNodes(withRoom(state, name, (room) => applyHistory(room, page, more)), page);
}

export function tickTyping(state: ChatState, now: number): ChatState {
  const rooms = mapRooms(state.rooms, (room) => expireTyping(room, now));
  return rooms === state.rooms ? state : { ...state, rooms };
}

function withNodes(state: ChatState, messages: readonly Message[]): ChatState {
  const hues = messages.reduce((known, { node }) => withNode(known, node), state.hues);
  return hues === state.hues ? state : { ...state, hues };
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
