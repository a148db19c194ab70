import type { ClientFrame, ErrorFrame, HelloFrame, Hop, JoinedFrame, Limits, Message, NackFrame, Position, PresenceFrame, ServerFrame } from './frames.js';
import { asAmount, asArray, asBoolean, asCount, asObject, asString, field, optional, ShapeError, type JsonObject } from './json.js';

/** The version this client speaks. */
export const PROTOCOL = 1;

export type Parsed =
  | { readonly ok: true; readonly frame: ServerFrame }
  /** A type from a later version: ignore it. */
  | { readonly ok: false; readonly reason: 'unknown'; readonly detail: string }
  | { readonly ok: false; readonly reason: 'malformed'; readonly detail: string };

/**
 * Reads one frame from the node. Never throws; unknown fields are ignored.
 * @param charsMax What is longer is not read at all.
 */
export function parseServerFrame(text: unknown, charsMax: number): Parsed {
  if (typeof text !== 'string') return malformed('not text');
  if (text.length > charsMax) return malformed('too long');
  try {
    const object = asObject(JSON.parse(text));
    const type = field(object, 'type', asString);
    const parse = PARSERS.get(type);
    if (!parse) return { ok: false, reason: 'unknown', detail: type.slice(0, 64) };
    return { ok: true, frame: parse(object) };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError) return malformed(error.message);
    throw error;
  }
}

/** Absent options are left out. */
export function encodeClientFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}

const ROOM_NAME = /^[A-Za-z0-9\-_.]{1,64}$/;

/** Whether a person may type this as the name of a room. */
export function isRoomName(name: string): boolean {
  return ROOM_NAME.test(name);
}

/** Whether a node would admit the name at all. */
export function isJoinable(name: string): boolean {
  return isRoomName(name) || isDirectRoom(name);
}

/** Whether a room is the direct room of two users. */
export function isDirectRoom(name: string): boolean {
  return name.startsWith('dm:');
}

/** The name of the direct room of two users. */
export function directRoom(user: string, other: string): string {
  return user < other ? `dm:${user}:${other}` : `dm:${other}:${user}`;
}

function malformed(detail: string): Parsed {
  return { ok: false, reason: 'malformed', detail };
}

const PARSERS: ReadonlyMap<string, (object: JsonObject) => ServerFrame> = new Map<string, (object: JsonObject) => ServerFrame>([
  ['hello', parseHello],
  ['joined', parseJoined],
  ['message', (o) => ({ type: 'message', message: readMessage(o) })],
  ['ack', (o) => ({ type: 'ack', id: field(o, 'id', asString), room: field(o, 'room', asString), position: readPosition(o) })],
  ['nack', parseNack],
  ['presence', parsePresence],
  ['typing', (o) => ({ type: 'typing', room: field(o, 'room', asString), user: field(o, 'user', asString) })],
  ['read', (o) => ({
    type: 'read',
    room: field(o, 'room', asString),
    user: field(o, 'user', asString),
    offset: field(o, 'offset', asCount),
  })],
  ['history', (o) => ({
    type: 'history',
    room: field(o, 'room', asString),
    messages: field(o, 'messages', readMessages),
    more: field(o, 'more', asBoolean),
  })],
  ['invite', (o) => ({ type: 'invite', room: field(o, 'room', asString), from: field(o, 'from', asString) })],
  ['status', (o) => ({ type: 'status', degraded: field(o, 'degraded', asBoolean) })],
  ['drain', (o) => ({ type: 'drain', reconnectWithinMs: field(o, 'reconnectWithinMs', asCount) })],
  ['error', parseError],
  ['ping', () => ({ type: 'ping' })],
]);

function parseHello(object: JsonObject): HelloFrame {
  return {
    type: 'hello',
    protocol: field(object, 'protocol', asCount),
    node: field(object, 'node', asString),
    connection: field(object, 'connection', asString),
    user: field(object, 'user', asString),
    pingSeconds: field(object, 'pingSeconds', asAmount),
    limits: field(object, 'limits', readLimits),
  };
}

function parseJoined(object: JsonObject): JoinedFrame {
  const members = optional(object, 'members', readNames);
  const memberCount = optional(object, 'memberCount', asCount);
  const { epoch, offset } = readPosition(object);
  return {
    type: 'joined',
    room: field(object, 'room', asString),
    epoch,
    offset,
    recovered: field(object, 'recovered', asBoolean),
    messages: inEpoch(field(object, 'messages', readMessages), epoch),
    ...(members && { members }),
    ...(memberCount !== undefined && { memberCount }),
    read: optional(object, 'read', readOffsets) ?? new Map<string, number>(),
  };
}

function parsePresence(object: JsonObject): PresenceFrame {
  const memberCount = optional(object, 'memberCount', asCount);
  return {
    type: 'presence',
    room: field(object, 'room', asString),
    joined: optional(object, 'joined', readNames) ?? [],
    left: optional(object, 'left', readNames) ?? [],
    ...(memberCount !== undefined && { memberCount }),
  };
}

function parseNack(object: JsonObject): NackFrame {
  const retryAfterMs = optional(object, 'retryAfterMs', asCount);
  return {
    type: 'nack',
    id: field(object, 'id', asString),
    code: field(object, 'code', asString),
    message: field(object, 'message', asString),
    retryable: field(object, 'retryable', asBoolean),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function parseError(object: JsonObject): ErrorFrame {
  const room = optional(object, 'room', asString);
  return {
    type: 'error',
    code: field(object, 'code', asString),
    message: field(object, 'message', asString),
    ...(room !== undefined && { room }),
  };
}

/** The same messages, placed in an epoch; those that are there already stay the same objects. */
export function inEpoch(messages: readonly Message[], epoch: string): readonly Message[] {
  return messages.map((message) =>
    message.position.epoch === epoch ? message : { ...message, position: { epoch, offset: message.position.offset } },
  );
}

/** One entry that cannot be read must not hide the others. */
function readMessages(value: unknown): readonly Message[] {
  return asArray(value, readEntry).filter((message) => message !== undefined);
}

/** @returns Undefined when not even its place can be read. */
function readEntry(value: unknown): Message | undefined {
  try {
    return readMessage(asObject(value));
  } catch (error) {
    if (error instanceof ShapeError) return readUnreadable(value);
    throw error;
  }
}

function readUnreadable(value: unknown): Message | undefined {
  try {
    const position = readPosition(asObject(value));
    return { room: '', position, id: '', author: '', text: '', sentAt: '', node: '', unreadable: true };
  } catch {
    return undefined;
  }
}

function readMessage(object: JsonObject): Message {
  const hops = optional(object, 'hops', (value) => asArray(value, readHop));
  const traceparent = optional(object, 'traceparent', asString);
  return {
    room: field(object, 'room', asString),
    position: readPosition(object),
    id: field(object, 'id', asString),
    author: field(object, 'author', asString),
    text: field(object, 'text', asString),
    sentAt: field(object, 'sentAt', asString),
    node: field(object, 'node', asString),
    ...(hops && { hops }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

function readHop(value: unknown): Hop {
  const object = asObject(value);
  return { node: field(object, 'node', asString), step: field(object, 'step', asString), at: field(object, 'at', asString) };
}

function readPosition(object: JsonObject): Position {
  return { epoch: field(object, 'epoch', asString), offset: field(object, 'offset', asCount) };
}

function readLimits(value: unknown): Limits {
  const object = asObject(value);
  return {
    frameBytesMax: field(object, 'frameBytesMax', asCount),
    textBytesMax: field(object, 'textBytesMax', asCount),
    roomsMax: field(object, 'roomsMax', asCount),
  };
}

function readNames(value: unknown): readonly string[] {
  return asArray(value, asString);
}

function readOffsets(value: unknown): ReadonlyMap<string, number> {
  const offsets = asObject(value);
  return new Map([...offsets.keys()].map((user) => [user, field(offsets, user, asCount)]));
}
