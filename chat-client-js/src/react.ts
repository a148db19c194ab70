import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { ChatClient } from './chatClient.js';
import type { ChatRoom } from './chatRoom.js';
import type { ChatState } from './chatState.js';
import type { RoomState } from './roomState.js';

/** Connected as long as a component is drawn that calls this: call it once, where the client is made or handed down. */
export function useConnection(client: ChatClient): void {
  useEffect(() => {
    client.connect();
    return () => client.close();
  }, [client]);
}

/**
 * Reads a part of what the client knows. The component draws again when that part is another value, so select what is there
 * (`(state) => state.status`), and make nothing new of it.
 */
export function useChatState<T>(client: ChatClient, select: (state: ChatState) => T): T {
  const read = useCallback(() => select(client.store.get()), [client, select]);
  return useSyncExternalStore(client.store.subscribe, read, read);
}

/** A room as a component sees it. */
export interface EnteredRoom {
  /** To write, to mark what was read, to read back. Undefined until it was entered, which is before the first effect. */
  readonly room: ChatRoom | undefined;
  /** What is known of it: `phase`, `messages`, `presence`, and `refusal` when the node will not have this user. */
  readonly state: RoomState | undefined;
}

/**
 * In a room as long as the component is drawn, over all reconnects. Several components may be in the same room; it is left
 * with the last of them.
 * @throws {ChatError} For a name that no room can have, or too many rooms: into the nearest error boundary.
 */
export function useRoom(client: ChatClient, name: string): EnteredRoom {
  const state = useChatState(client, useCallback(({ rooms }: ChatState) => rooms.get(name), [name]));
  useEffect(() => {
    const users = usersOf(client);
    client.enter(name);
    users.set(name, (users.get(name) ?? 0) + 1);
    return () => {
      const left = (users.get(name) ?? 1) - 1;
      users.set(name, left);
      // A component that is drawn anew at once, as React does in development, does not leave in between.
      queueMicrotask(() => {
        if (users.get(name) === 0) client.room(name)?.leave();
      });
    };
  }, [client, name]);
  return { room: state && client.room(name), state };
}

/** How many components are in each room. */
const USERS = new WeakMap<ChatClient, Map<string, number>>();

function usersOf(client: ChatClient): Map<string, number> {
  const users = USERS.get(client) ?? new Map<string, number>();
  USERS.set(client, users);
  return users;
}
