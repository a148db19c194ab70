import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ChatPage } from './page/page';
import type { PageState } from './page/pageState';

export const PageContext = createContext<ChatPage | undefined>(undefined);

/** What a component acts through. It stays the same for the life of the page. */
export function usePage(): ChatPage {
  const page = useContext(PageContext);
  if (!page) throw new Error('No page above this component.');
  return page;
}

/** Reads a part of the state. The component draws again when that part is another value. */
export function useChat<T>(select: (state: PageState) => T): T {
  const { view } = usePage();
  return useSyncExternalStore(view.subscribe, () => select(view.get()));
}
