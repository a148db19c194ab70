import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRoomName, parseServerFrame } from '../src/protocol.js';
import { message, wire } from './build.js';

const FRAME_CHARS_MAX = 100_000;

function parse(value: unknown): ReturnType<typeof parseServerFrame> {
  return parseServerFrame(JSON.stringify(value), FRAME_CHARS_MAX);
}

describe('parseServerFrame', () => {
  test('turns a message frame into a message with a position', () => {
    const sent = message(12, { author: 'ada', text: 'hi' });

    const parsed = parse(wire(sent));

    expect(parsed).toEqual({ ok: true, frame: { type: 'message', message: sent } });
  });

  test('ignores fields it does not know', () => {
    expect(parse({ type: 'status', degraded: true, later: { a: 1 } })).toEqual({ ok: true, frame: { type: 'status', degraded: true } });
  });

  test('calls a type it does not know unknown, not malformed', () => {
    expect(parse({ type: 'reaction', room: 'lobby' })).toMatchObject({ ok: false, reason: 'unknown', detail: 'reaction' });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('does not find a frame type in the prototype: %s', (type) => {
    expect(parse({ type })).toMatchObject({ ok: false, reason: 'unknown' });
  });

  test('keeps read positions of people named like parts of an object apart from the object', () => {
    const text = '{"type":"joined","room":"lobby","epoch":"e","offset":0,"recovered":true,"messages":[],"members":["__proto__"],"read":{"__proto__":7,"constructor":3}}';

    const parsed = parseServerFrame(text, FRAME_CHARS_MAX);

    expect(parsed.ok && parsed.frame.type === 'joined' && [...parsed.frame.read]).toEqual([['__proto__', 7], ['constructor', 3]]);
    expect(Object.prototype).not.toHaveProperty('7');
  });

  test.each([
    ['offset as text', { ...wire(message(1)), offset: '1' }],
    ['a negative offset', { ...wire(message(1)), offset: -1 }],
    ['half an offset', { ...wire(message(1)), offset: 1.5 }],
    ['an offset beyond exact numbers', { ...wire(message(1)), offset: 2 ** 60 }],
    ['no author', { ...wire(message(1)), author: undefined }],
    ['an object as text', { ...wire(message(1)), text: {} }],
    ['messages as an object', { type: 'history', room: 'lobby', messages: { length: 1 }, more: false }],
    ['an array', []],
    ['nothing', null],
    ['no type', {}],
    ['a number as type', { type: 7 }],
  ])('refuses %s', (_, value) => {
    expect(parse(value)).toMatchObject({ ok: false, reason: 'malformed' });
  });

  test('refuses what is not JSON, not text, or longer than anything a node sends', () => {
    expect(parseServerFrame('{', FRAME_CHARS_MAX)).toMatchObject({ ok: false, reason: 'malformed' });
    expect(parseServerFrame(new ArrayBuffer(8), FRAME_CHARS_MAX)).toMatchObject({ ok: false, reason: 'malformed' });
    expect(parseServerFrame(' '.repeat(FRAME_CHARS_MAX + 1), FRAME_CHARS_MAX)).toMatchObject({ ok: false, detail: 'too long' });
  });

  test('never throws, whatever arrives', () => {
    const types = fc.constantFrom('hello', 'joined', 'message', 'ack', 'nack', 'presence', 'read', 'history', 'drain', '__proto__');
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), types, fc.jsonValue(), (fields, type, any) => {
      const parsed = [parse({ ...fields, type, messages: any, limits: any, read: any }), parse(any)];

      expect(parsed.map(({ ok }) => ok)).toHaveLength(2);
    }));
  });
});

test.each([
  ['lobby', true],
  ['a-b_c.D9', true],
  ['x'.repeat(64), true],
  ['', false],
  ['x'.repeat(65), false],
  ['two words', false],
  ['dm:ada:bob', false],
  ['lobby\n', false],
  ['zimmer-ü', false],
])('room name %j: %s', (name, allowed) => {
  expect(isRoomName(name)).toBe(allowed);
});
