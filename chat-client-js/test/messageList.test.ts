import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../src/frames.js';
import { MessageList } from '../src/messageList.js';
import { message } from './build.js';

const change = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ do: fc.constant('prepend' as const), count: fc.integer({ min: 0, max: 10 }) }),
  fc.record({ do: fc.constant('newest' as const), count: fc.nat(60) }),
  fc.record({ do: fc.constant('back' as const), count: fc.nat(10) }),
);

test('is the same as an array that is copied at every change, and no change is seen in an earlier list', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const history: [MessageList, readonly Message[]][] = [[MessageList.EMPTY, []]];
      let id = 0;
      const fresh = (count: number): readonly Message[] => Array.from({ length: count }, () => message(++id));

      for (const step of changes) {
        const [list, array] = history.at(-1) ?? [MessageList.EMPTY, []];
        const more = fresh(step.do === 'append' || step.do === 'prepend' ? step.count : 0);
        if (step.do === 'append') history.push([list.append(more), [...array, ...more]]);
        else if (step.do === 'prepend') history.push([list.prepend(more), [...more, ...array]]);
        else if (step.do === 'newest') history.push([list.newest(step.count), step.count === 0 ? [] : array.slice(-step.count)]);
        else history.push(history.at(-1 - step.count) ?? [list, array]);
      }

      for (const [list, array] of history) {
        expect([...list]).toEqual(array);
        expect(list.slice(3, 9)).toEqual(array.slice(3, 9));
        expect([list.length, list.at(0), list.at(-1), list.at(-array.length - 1), list.at(array.length)]).toEqual(
          [array.length, array.at(0), array.at(-1), undefined, undefined],
        );
      }
    }),
  );
});

test('a list at its limit that goes on for long does not hold what it has dropped', () => {
  let list = MessageList.EMPTY;

  for (let offset = 1; offset <= 5_000; offset += 1) list = list.append([message(offset)]).newest(100);

  expect(list.retained).toBeLessThanOrEqual(100 + 100 + 1_024 + 100);
  expect(list.at(0)?.position.offset).toBe(4_901);
});
