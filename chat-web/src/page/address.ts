import { directRoom } from '@chat/client';

const ROOM = /^\/room\/([^/]+)(?:\/([1-9]\d{0,14}))?$/;

/** What to write behind the `#` for a room, for a message in it, or for none. */
export function addressOf(room: string | undefined, offset?: number): string {
  if (room === undefined) return '/';
  return `/room/${encodeURIComponent(room)}${offset === undefined ? '' : `/${offset}`}`;
}

/** @returns The place in its room's log of the message an address names; undefined when it names none. */
export function offsetIn(address: string): number | undefined {
  const offset = ROOM.exec(address)?.[2];
  return offset === undefined ? undefined : Number(offset);
}

/** What to write behind the `#` for the picture of the system. */
export const TOPOLOGY_ADDRESS = '/topology';

/** @returns The room an address names; undefined when it names none. */
export function roomIn(address: string): string | undefined {
  const name = ROOM.exec(address)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** Whether a room is a direct room that this user may be in. */
export function isDirectRoomOf(user: string, room: string): boolean {
  const [, one, other] = room.split(':');
  return one !== undefined && other !== undefined && (one === user || other === user) && directRoom(one, other) === room;
}

export function viewIn(address: string): 'room' | 'topology' {
  return address === TOPOLOGY_ADDRESS ? 'topology' : 'room';
}
