import { defaultEnvironment, fetchRooms, login } from '@chat/client';
import type { PageEnvironment } from './environment';
import { forgiving } from './storage';

/** The real world: this tab, its page's origin, its clocks. */
export function browserEnvironment(): PageEnvironment {
  const environment = defaultEnvironment();
  const url = location.origin;
  return {
    ...environment,
    url,
    wallNow: () => Date.now(),
    login: async (user) => (await login(url, user)).token,
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
