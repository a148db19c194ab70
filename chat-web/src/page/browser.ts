import { defaultEnvironment, fetchRooms, login } from '@chat/client';
import type { PageEnvironment } from './environment';
import { settings } from './settings';
import { siteAt } from './site';
import { DatabaseShelf, type Shelf, type Tabs } from './shelf';
import { forgiving } from './storage';

/** The real world: this tab, its page's server, its clocks. */
export function browserEnvironment(): PageEnvironment {
  const environment = defaultEnvironment();
  const url = settings.server === '' ? location.origin : settings.server;
  return {
    ...environment,
    url,
    wallNow: () => Date.now(),
    login: async (user) => (await login(url, user)).token,
    site: settings.tokens === '' ? undefined : siteAt(settings.tokens, settings.signIn),
    rooms: (token) => fetchRooms(url, token),
    storage: forgiving(
      {
        get: (key) => sessionStorage.getItem(key),
        set: (key, value) => {
          if (value === null) sessionStorage.removeItem(key);
          else sessionStorage.setItem(key, value);
        },
      },
      environment.warn,
    ),
    randomHex,
    shelf: browserShelf(),
    dashboard: settings.dashboard,
    postSpans: settings.traces === '' ? undefined : postTo(settings.traces),
    balancerStatus: async (token) => {
      const answer = await fetch(new URL('/balancer/status', url), { headers: bearer(token) });
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`The balancer answered ${answer.status}.`);
      return await answer.json() as unknown;
    },
    balancerEvents: (token, changed, ended) => follow(new URL('/balancer/events', url), token, changed, ended),
    visible: () => document.visibilityState === 'visible',
    address: {
      get: () => location.hash.slice(1),
      push: (fragment) => history.pushState(null, '', `#${fragment}`),
      onChange: (run) => {
        window.addEventListener('popstate', run);
        window.addEventListener('hashchange', run);
      },
    },
  };
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function postTo(url: string): (body: Uint8Array<ArrayBuffer>) => Promise<void> {
  return async (body) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-protobuf' },
      body,
      // What a page says as it closes goes out all the same.
      keepalive: true,
    });
    if (!answer.ok) throw new Error(`The collector answered ${answer.status}.`);
  };
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Follows a stream of events: that there is one is all that counts. An `EventSource` cannot bring a token along. */
function follow(url: URL, token: string | undefined, changed: () => void, ended: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const read = async (): Promise<void> => {
    const answer = await fetch(url, { headers: { ...bearer(token), accept: 'text/event-stream' }, signal });
    if (!answer.ok || !answer.body) return;
    const reader = answer.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) changed();
  };
  void read().catch(() => {}).finally(() => {
    if (!signal.aborted) ended();
  });
  return () => stop.abort();
}

const TAB_KEY = 'chat.tab-name';
const TAB_LOCK = 'chat.tab.';

/** @returns Undefined where the browser has no database, or will not let this page have one. */
function browserShelf(): Shelf | undefined {
  try {
    const before = sessionStorage.getItem(TAB_KEY) ?? undefined;
    const own = randomHex(8);
    sessionStorage.setItem(TAB_KEY, own);
    return new DatabaseShelf(indexedDB, browserTabs(own), { before, startOrder: Date.now() });
  } catch {
    return undefined;
  }
}

/** A tab holds a lock as long as it lives: the browser lets go of it, however the tab ends. Only secure origins have locks. */
function browserTabs(own: string): Tabs {
  const locks = (navigator as Partial<Navigator>).locks;
  const held = locks && new Promise<void>((resolve) => {
    void locks.request(TAB_LOCK + own, () => {
      resolve();
      return new Promise(() => {});
    });
  });
  return {
    own,
    living: async () => {
      if (!locks) return undefined;
      await held;
      const { held: all = [] } = await locks.query();
      return new Set(all.flatMap(({ name }) => (name?.startsWith(TAB_LOCK) ? [name.slice(TAB_LOCK.length)] : [])));
    },
  };
}
