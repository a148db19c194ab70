import { expect, test } from 'vitest';
import { newRoom } from '../../../chat-client-js/src/roomState';
import { message, messages } from '../../../chat-client-js/test/build';
import { letters, Nodes, withNode, type NodeHues } from '../page/nodes';
import { readersOf, roomLabel, ROWS_MAX, startsDay, startsGroup, windowOf } from '../page/timeline';

test('the window follows the newest, or stays where the reader is', () => {
  const all = messages(101, 1100);

  expect(windowOf(all, undefined)).toMatchObject({ hiddenOlder: 1000 - ROWS_MAX, hiddenNewer: 0 });
  expect(windowOf(all, 201)).toMatchObject({ hiddenOlder: 100, hiddenNewer: 900 - ROWS_MAX });
  expect(windowOf(all, 201).rows[0]?.position.offset).toBe(201);
});

test('the window stays inside of what is held', () => {
  expect(windowOf(messages(1, 10), 7).rows).toHaveLength(10);
  expect(windowOf(messages(50, 1000), 3).hiddenOlder).toBe(0);
  expect(windowOf([], 3).rows).toEqual([]);
});

test('another author, another node or a pause starts a group', () => {
  const first = message(1);

  expect(startsGroup(undefined, first)).toBe(true);
  expect(startsGroup(first, message(2))).toBe(false);
  expect(startsGroup(first, message(2, { author: 'eve' }))).toBe(true);
  expect(startsGroup(first, message(2, { node: 'other' }))).toBe(true);
  expect(startsGroup(first, message(2, { sentAt: '2026-11-24T04:06:00.000Z' }))).toBe(true);
  expect(startsGroup(first, message(2, { sentAt: 'yesterday' }))).toBe(true);
});

test('readers are the others whose position has reached the message', () => {
  const room = { ...newRoom('lobby', 100), read: new Map([['bob', 9], ['eve', 5], ['cy', 4]]) };

  expect(readersOf(room, message(5))).toEqual(['eve']);
});

test('a direct room is called by the other person', () => {
  expect(roomLabel('dm:ada:bob', 'ada')).toBe('@bob');
  expect(roomLabel('lobby', 'ada')).toBe('lobby');
});

test('a message starts a day when the one before it was on another', () => {
  expect(startsDay(message(1), message(2))).toBe(false);
  expect(startsDay(message(1), message(2, { sentAt: '2026-11-26T04:00:00.000Z' }))).toBe(true);
});

test('nodes keep their colour, and no two share one while there are enough', () => {
  const nodes = Array.from({ length: 10 }, (_, index) => `node${index}`);
  const hues = nodes.reduce<NodeHues>(withNode, new Map());

  expect(new Set(hues.values()).size).toBe(10);
  expect(withNode(hues, 'node3')).toBe(hues);
  expect(withNode(hues, 'node10').get('node3')).toBe(hues.get('node3'));
  expect(withNode(new Map(), 'node0').get('node0')).toBe(hues.get('node0'));
});

test('nodes are called by letters, in the order in which they appear', () => {
  const nodes = new Nodes();

  expect([nodes.nameOf('xyz'), nodes.nameOf('abc'), nodes.nameOf('xyz')]).toEqual(['A', 'B', 'A']);
  expect([0, 25, 26, 701, 702].map(letters)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
});

test('a node keeps its hue for as long as the page lives', () => {
  const nodes = new Nodes();

  const first = nodes.hueOf('abcdefgh');
  nodes.hueOf('ijklmnop');

  expect(nodes.hueOf('abcdefgh')).toBe(first);
});
