import { ChatError } from './errors.js';
import { asArray, asObject, asString, field, optional } from './json.js';
import type { TokenProvider } from './options.js';

const REQUEST_WITHIN_MS = 10_000;

export interface Login {
  readonly token: string;
  /** ISO 8601, by the server's clock; undefined when the server did not say. */
  readonly expiresAt: string | undefined;
}

/** The sign-in of a development cluster, for `ChatClientOptions.token`: a name is enough. Signs in anew at every connect. */
export function developmentLogin(url: string | URL, user: string): TokenProvider {
  return async () => (await login(url, user)).token;
}

/** @throws {ChatError} when the server refuses; any other error means that it could not be reached. */
export async function login(url: string | URL, user: string): Promise<Login> {
  const response = await fetch(new URL('/api/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
    signal: AbortSignal.timeout(REQUEST_WITHIN_MS),
  });
  const object = asObject(await bodyOf(response));
  return { token: field(object, 'token', asString), expiresAt: optional(object, 'expiresAt', asString) };
}

/** The rooms that the server knows of, newest first. @throws As {@link login} does. */
export async function fetchRooms(url: string | URL, token: string): Promise<readonly string[]> {
  const response = await fetch(new URL('/api/rooms', url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_WITHIN_MS),
  });
  return field(asObject(await bodyOf(response)), 'rooms', (value) => asArray(value, asString));
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.ok) return await response.json();
  const { status } = response;
  const { code, reason } = await problemOf(response);
  if (status >= 500 || status === 408) throw new ChatError('unavailable', reason ?? 'The server is not available at the moment.');
  if (status === 429) throw new ChatError('rate_limited', reason ?? 'Too many requests.');
  throw new ChatError(code ?? 'refused', reason ?? `The server refused (${status}).`);
}

/** What problem JSON says (RFC 9457), if that is what came. */
async function problemOf(response: Response): Promise<{ code: string | undefined; reason: string | undefined }> {
  try {
    const problem = asObject(await response.json());
    return {
      code: optional(problem, 'code', asString),
      reason: optional(problem, 'detail', asString) ?? optional(problem, 'title', asString),
    };
  } catch {
    // Not JSON: a proxy's page, say.
    return { code: undefined, reason: undefined };
  }
}
