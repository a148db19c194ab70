import { asArray, asObject, asString, field, optional } from '../json';
import { ApiError, type Api, type Environment, type Login } from './environment';

const REQUEST_WITHIN_MS = 10_000;

/** The real world: this tab, its page's origin, its clock. */
export function browserEnvironment(): Environment {
  return {
    now: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    newId,
    openSocket: (token, { onText, onClose }) => {
      const url = new URL('/ws', location.href);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      url.searchParams.set('access_token', token);
      const socket = new WebSocket(url);
      socket.addEventListener('message', ({ data }) => onText(data));
      socket.addEventListener('close', ({ code }) => onClose(code));
      return { send: (text) => socket.send(text), close: (code) => socket.close(code) };
    },
    api,
    storage: {
      get: (key) => sessionStorage.getItem(key),
      set: (key, value) => {
        if (value === null) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, value);
      },
    },
    visible: () => document.visibilityState === 'visible',
    onWake: (run) => {
      const whenVisible = (): void => {
        if (document.visibilityState === 'visible') run();
      };
      window.addEventListener('online', run);
      document.addEventListener('visibilitychange', whenVisible);
      return () => {
        window.removeEventListener('online', run);
        document.removeEventListener('visibilitychange', whenVisible);
      };
    },
    // eslint-disable-next-line no-console -- The one place where the page writes to the console.
    warn: (text) => console.warn(text),
  };
}

const api: Api = {
  login: async (user) => {
    const response = await fetch('/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user }),
      signal: AbortSignal.timeout(REQUEST_WITHIN_MS),
    });
    return readLogin(await bodyOf(response));
  },
  rooms: async (token) => {
    const response = await fetch('/api/rooms', {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(REQUEST_WITHIN_MS),
    });
    return field(asObject(await bodyOf(response)), 'rooms', (value) => asArray(value, asString));
  },
};

async function bodyOf(response: Response): Promise<unknown> {
  if (response.ok) return await response.json();
  throw new ApiError(response.status, await reasonOf(response));
}

/** What problem JSON says, or the status when there is none. */
async function reasonOf(response: Response): Promise<string> {
  try {
    const problem = asObject(await response.json());
    const reason = optional(problem, 'detail', asString) ?? optional(problem, 'title', asString);
    if (reason !== undefined) return reason;
  } catch {
    // Not JSON: a proxy's page, say.
  }
  return response.status >= 500 ? 'The server is not available at the moment.' : `The server refused (${response.status}).`;
}

function readLogin(body: unknown): Login {
  const object = asObject(body);
  const expiresAt = Date.parse(optional(object, 'expiresAt', asString) ?? '');
  return { token: field(object, 'token', asString), expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt };
}

/** Not `randomUUID`: that exists only on secure origins, and a chat in a home network has none. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
