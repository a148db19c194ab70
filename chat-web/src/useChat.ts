import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ChatClient } from './connection/client';
import type { ChatState } from './state/chat';

export const ClientContext = createContext<ChatClient | undefined>(undefined);

/** What a component acts through. It stays the same for the life of the page. */
export function useClient(): ChatClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('No client above this component.');
  return client;
}

/** Reads a part of the state. The component draws again when that part is another value. */
export function useChat<T>(select: (state: ChatState) => T): T {
  const { view } = useClient();
  return useSyncExternalStore(view.subscribe, () => select(view.get()));
}
