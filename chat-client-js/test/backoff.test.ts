import { describe, expect, test } from 'vitest';
import { backoffDelay } from '../src/backoff.js';
import { verdictOn } from '../src/closeCodes.js';

const RECONNECT = { baseMs: 500, capMs: 20_000 };

describe('backoffDelay', () => {
  test('doubles up to the cap', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 1000].map((failures) => backoffDelay(RECONNECT, failures, 0.999_999));

    expect(ceilings).toEqual([499, 999, 1999, 3999, 7999, 15_999, 19_999, 19_999]);
  });

  test('spreads evenly from nothing on, also at the cap', () => {
    const delays = [0, 0.25, 0.5, 0.75].map((random) => backoffDelay(RECONNECT, 50, random));

    expect(delays).toEqual([0, 5_000, 10_000, 15_000]);
  });
});

test.each([
  [1006, true], [1001, true], [4000, true], [4003, true], [4499, true], [4500, false], [4503, false], [4999, false], [3000, true],
])('close code %i: comes back %s', (code, comeBack) => {
  expect(verdictOn(code).comeBack).toBe(comeBack);
});
