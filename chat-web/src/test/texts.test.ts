import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, roomIn } from '../page/address';
import { outgoing, sendsOn } from '../page/composing';
import { partsOf } from '../page/links';

describe('links', () => {
  test.each([
    ['see https://example.org/a?b=c#d.', [{ text: 'see ' }, { text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d' }, { text: '.' }]],
    ['(http://a.b/c_(d))', [{ text: '(' }, { text: 'http://a.b/c_(d)', href: 'http://a.b/c_(d)' }, { text: ')' }]],
    ['javascript:alert(1)', [{ text: 'javascript:alert(1)' }]],
    ['data:text/html,<b>', [{ text: 'data:text/html,<b>' }]],
    ['https://user:secret@example.org/', [{ text: 'https://user:secret@example.org/' }]],
    ['https://', [{ text: 'https://' }]],
    ['', []],
  ])('in %j', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test('lose no letter, whatever is written, and lead nowhere but to http and https', () => {
    const words = fc.constantFrom('http://', 'https://', 'javascript:', 'example.org', '/a', '(', ')', '.', ' ', '\n', '"', '<', 'ü', '\u202e', '@');
    fc.assert(fc.property(fc.array(fc.oneof(words, fc.string())), (pieces) => {
      const text = pieces.join('');

      const parts = partsOf(text);

      expect(parts.map((part) => part.text).join('')).toBe(text);
      for (const { href } of parts) if (href !== undefined) expect(href).toMatch(/^https?:\/\//);
    }));
  });
});

describe('addresses', () => {
  test.each(['lobby', 'a-b_c.D9', 'dm:ada:bob'])('of %s lead back to it', (room) => {
    expect(roomIn(addressOf(room))).toBe(room);
  });

  test.each(['', '/', '/room/', '/room/a/b', '/room/%', 'room/a'])('%j names no room', (address) => {
    expect(roomIn(address)).toBeUndefined();
  });
});

describe('composing', () => {
  const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 };

  test('Enter sends; not while an input method composes, nor when it has just ended (Safari), nor with Shift', () => {
    expect(sendsOn(enter)).toBe(true);
    expect(sendsOn({ ...enter, isComposing: true })).toBe(false);
    expect(sendsOn({ ...enter, keyCode: 229 })).toBe(false);
    expect(sendsOn({ ...enter, shiftKey: true })).toBe(false);
    expect(sendsOn({ ...enter, key: 'a' })).toBe(false);
  });

  test.each([
    ['  indented\n    more  \n\n', '  indented\n    more'],
    ['\n \n\tcode', '\tcode'],
    [' \n\t ', ''],
    ['plain', 'plain'],
  ])('%j is sent as %j', (typed, sent) => {
    expect(outgoing(typed)).toBe(sent);
  });
});
