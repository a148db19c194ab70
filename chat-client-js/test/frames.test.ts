import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClientFrame, ServerFrame } from '../src/frames.js';
import { encodeClientFrame, parseServerFrame } from '../src/protocol.js';

/** The golden frames, shared with the C# tests. */
const FRAMES = join(import.meta.dirname, '../../docs/frames');

const SERVER_TYPES: readonly ServerFrame['type'][] = [
  'hello', 'joined', 'message', 'ack', 'nack', 'presence', 'typing', 'read', 'history', 'invite', 'status', 'drain', 'error', 'ping',
];

const CLIENT_FRAMES: readonly ClientFrame[] = [
  { type: 'join', room: 'lobby', after: { epoch: 'k3v9q2', offset: 12 }, trace: true },
  { type: 'leave', room: 'lobby' },
  { type: 'send', room: 'lobby', id: 'c1', text: 'hi', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  { type: 'typing', room: 'lobby' },
  { type: 'read', room: 'lobby', offset: 12 },
  { type: 'history', room: 'lobby', before: 12, limit: 50 },
  { type: 'refresh', token: 'header.payload.signature' },
  { type: 'pong' },
];

function golden(side: 'client' | 'server'): ReadonlyMap<string, string> {
  const folder = join(FRAMES, side);
  if (!existsSync(folder)) throw new Error(`The golden frames are missing: ${folder}`);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(files.map((name) => [name.replace('.json', ''), readFileSync(join(folder, name), 'utf8').trim()]));
}

describe('golden frames', () => {
  test('every server frame is there and is read', () => {
    // "presence-count" is another example of "presence".
    const read = [...golden('server')].map(([name, text]) => ({ name: name.split('-', 1).join(), parsed: parseServerFrame(text, 1_000_000) }));

    const expected = [...SERVER_TYPES, 'presence'].toSorted().map((name) => ({ name, parsed: { ok: true, frame: { type: name } } }));
    expect(read.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject(expected);
  });

  test('every client frame is written as the golden one, byte for byte', () => {
    const written = new Map(CLIENT_FRAMES.map((frame) => [frame.type, encodeClientFrame(frame)]));

    // "join-id" and "history-newest" are other examples, of what this client does not write.
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries([...golden('client')].filter(([name]) => !name.includes('-'))));
  });
});
