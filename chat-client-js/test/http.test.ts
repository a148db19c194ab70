import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { developmentLogin, fetchRooms, login } from '../src/http.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server that gives one answer, and remembers what it was asked. */
async function serve(status: number, body: string): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'} ${text}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  };
  const started = (server = createServer(answer));
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(started.address() as AddressInfo).port}/page`, asked };
}

test('the sign-in of a development cluster gives a token for a name', async () => {
  const { url, asked } = await serve(200, '{"token":"t","expiresAt":"2026-11-24T04:00:00Z"}');

  expect(await login(url, 'ada')).toEqual({ token: 't', expiresAt: '2026-11-24T04:00:00Z' });
  expect(await developmentLogin(url, 'bob')('connect')).toBe('t');

  expect(asked).toEqual(['POST /api/login - {"user":"ada"}', 'POST /api/login - {"user":"bob"}']);
});

test('rooms are asked for with the token', async () => {
  const { url, asked } = await serve(200, '{"rooms":["lobby","other"]}');

  expect(await fetchRooms(url, 't')).toEqual(['lobby', 'other']);

  expect(asked).toEqual(['GET /api/rooms Bearer t ']);
});

test.each([
  [400, '{"code":"bad_user","detail":"Not a name."}', { code: 'bad_user', message: 'Not a name.', temporary: false }],
  [403, '<html>', { code: 'refused', message: 'The server refused (403).', temporary: false }],
  [429, '{"title":"Slow down."}', { code: 'rate_limited', message: 'Slow down.', temporary: true }],
  [503, '', { code: 'unavailable', temporary: true }],
])('a refusal with %i says whether to try again', async (status, body, expected) => {
  const { url } = await serve(status, body);

  await expect(login(url, 'ada')).rejects.toMatchObject(expected);
});

test('an answer of another shape is no token', async () => {
  const { url } = await serve(200, '{"token":7}');

  await expect(login(url, 'ada')).rejects.toThrow('token');
});
