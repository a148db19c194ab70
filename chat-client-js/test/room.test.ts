import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JoinedFrame, Message, PresenceFrame } from '../src/frames.js';
import {
  applyDisconnect, applyHistory, applyJoined, applyMessage, applyPresence, applyRead, applyTyping, expireTyping,
  newRoom as emptyRoom, TYPING_SHOWN_MS, unreadCount, type RoomState,
} from '../src/roomState.js';
import { answerJoin, joined, message, messages } from './build.js';

const MESSAGES_MAX = 10_000;

function newRoom(name: string): RoomState {
  return emptyRoom(name, MESSAGES_MAX);
}

function live(upTo: number): RoomState {
  return applyJoined(newRoom('lobby'), joined({ messages: messages(1, upTo) }));
}

function offsets(room: RoomState): readonly number[] {
  return room.messages.slice(0).map(({ position }) => position.offset);
}

describe('applyMessage', () => {
  test('appends the next message', () => {
    const room = applyMessage(live(2), message(3));

    expect(offsets(room)).toEqual([1, 2, 3]);
    expect(room.last).toEqual({ epoch: 'e', offset: 3 });
  });

  test('changes nothing for a message it has', () => {
    const room = live(3);

    expect(applyMessage(room, message(2))).toBe(room);
  });

  test('marks a gap at a skipped one, and takes nothing', () => {
    const room = applyMessage(live(2), message(4));

    expect(room).toMatchObject({ gap: true, last: { offset: 2 } });
    expect(offsets(room)).toEqual([1, 2]);
  });

  test('marks a gap when the log has begun anew', () => {
    expect(applyMessage(live(2), message(3, { epoch: 'f' })).gap).toBe(true);
  });

  test('shows messages without a number as they come', () => {
    const room = applyMessage(applyMessage(live(0), message(0, { id: 'a' })), message(0, { id: 'b' }));

    expect(room.messages.slice(0).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(offsets(room)).toEqual([1, 2]);
    expect(room.gap).toBe(false);
  });

  test('holds no more than the log does, and knows that there is more', () => {
    const full = live(MESSAGES_MAX);

    const room = applyMessage(full, message(MESSAGES_MAX + 1));

    expect(room.messages).toHaveLength(MESSAGES_MAX);
    expect(room.more).toBe(true);
  });

  test('ends the sign that its author is typing', () => {
    expect(applyMessage(applyTyping(live(0), 'bob', 0), message(1)).typing.size).toBe(0);
  });
});

describe('applyJoined', () => {
  test('shows the newest page on entering, and that there is more before it', () => {
    const room = applyJoined(newRoom('lobby'), joined({ messages: messages(51, 100) }));

    expect(room).toMatchObject({ phase: 'live', more: true, gap: false, break: undefined, last: { offset: 100 } });
  });

  test('fills a gap', () => {
    const room = applyJoined(applyMessage(live(2), message(5)), joined({ messages: messages(3, 5) }));

    expect(room.gap).toBe(false);
    expect(offsets(room)).toEqual([1, 2, 3, 4, 5]);
  });

  test('keeps the gap when the answer has a hole or stops before the top', () => {
    expect(applyJoined(live(2), joined({ messages: messages(4, 5) }))).toMatchObject({ gap: true, last: { offset: 2 } });
    expect(applyJoined(live(2), joined({ messages: messages(3, 4), offset: 9 }))).toMatchObject({ gap: true, last: { offset: 4 } });
  });

  test('begins anew and says so when history could not be recovered', () => {
    const room = applyJoined(live(2), joined({ recovered: false, messages: messages(90, 99) }));

    expect(room.break).toEqual({ at: 90, lost: { epoch: 'e', offset: 2 } });
    expect(offsets(room)).toEqual(messages(90, 99).map(({ position }) => position.offset));
  });

  test('takes an answer from another epoch as not recovered, whatever it says', () => {
    const room = applyJoined(live(2), joined({ epoch: 'f', messages: messages(1, 1, 'f') }));

    expect(room).toMatchObject({ break: { at: 1 }, last: { epoch: 'f', offset: 1 } });
  });

  test('an empty room has nothing before it', () => {
    expect(applyJoined(newRoom('lobby'), joined())).toMatchObject({ more: false, last: { offset: 0 }, gap: false });
  });
});

describe('applyHistory', () => {
  const entered = applyJoined(newRoom('lobby'), joined({ messages: messages(51, 60) }));

  test('puts a page before what is there', () => {
    const room = applyHistory({ ...entered, loadingHistory: true }, messages(41, 50), true);

    expect(room).toMatchObject({ more: true, loadingHistory: false });
    expect(offsets(room)).toEqual(messages(41, 60).map(({ position }) => position.offset));
  });

  test('takes a page that comes twice once', () => {
    const once = applyHistory(entered, messages(41, 50), true);

    expect(offsets(applyHistory(once, messages(41, 50), true))).toEqual(offsets(once));
  });

  test('takes nothing from beyond a hole, and all that was written in whatever epoch', () => {
    expect(applyHistory(entered, messages(41, 50, 'before'), true).messages.at(0)?.position).toEqual({ epoch: 'e', offset: 41 });
    expect(applyHistory(entered, messages(41, 49), true).messages).toHaveLength(10);
  });

  test('mends a break once it reaches what was there before', () => {
    const broken = applyJoined(live(2), joined({ recovered: false, messages: messages(5, 9) }));

    expect(applyHistory(broken, messages(4, 4), true).break).toBeDefined();
    expect(applyHistory(broken, messages(3, 4), true).break).toBeUndefined();
  });
});

function bigRoom(memberCount: number): JoinedFrame {
  return { type: 'joined', room: 'lobby', epoch: 'e', offset: 0, recovered: true, messages: [], memberCount, read: new Map() };
}

function presence(names: readonly string[], left: readonly string[], memberCount?: number): PresenceFrame {
  return { type: 'presence', room: 'lobby', joined: names, left, ...(memberCount !== undefined && { memberCount }) };
}

describe('people', () => {
  test('a room that grows big is told in numbers, and by name again once it is small', () => {
    const named = applyJoined(newRoom('lobby'), joined({ members: ['ada', 'bob'] }));

    const big = applyPresence(named, presence([], [], 300));
    const small = applyPresence(big, presence(['ada', 'eve'], [], 2));

    expect(big.presence).toEqual({ members: undefined, count: 300 });
    expect(small.presence).toEqual({ members: new Set(['ada', 'eve']), count: 2 });
  });

  test('presence follows joins and leaves, by name where names are known', () => {
    const named = applyJoined(newRoom('lobby'), joined({ members: ['ada', 'bob'] }));

    expect(applyPresence(named, presence(['__proto__'], ['bob', 'bob'])).presence).toEqual({ members: new Set(['ada', '__proto__']), count: 2 });
  });

  test('presence follows counts in big rooms, never below nobody', () => {
    const room = applyJoined(newRoom('lobby'), bigRoom(1));

    expect(applyPresence(room, presence(['x', 'y'], ['z'])).presence).toEqual({ members: undefined, count: 2 });
    expect(applyPresence(room, presence([], ['x', 'y'])).presence.count).toBe(0);
  });

  test('typing shows for a while and then no longer', () => {
    const room = applyTyping(live(0), 'bob', 100);

    expect(expireTyping(room, 100 + TYPING_SHOWN_MS - 1)).toBe(room);
    expect(expireTyping(room, 100 + TYPING_SHOWN_MS).typing.size).toBe(0);
  });

  test('read positions only grow, and unread is what is behind them', () => {
    const room = applyRead(live(9), 'ada', 4);

    expect(applyRead(room, 'ada', 3)).toBe(room);
    expect(unreadCount(room, 'ada')).toBe(5);
    expect(unreadCount(room, 'nobody')).toBe(0);
  });

  test('a lost connection ends typing and asks for another join', () => {
    expect(applyDisconnect(applyTyping(live(3), 'bob', 0))).toMatchObject({ phase: 'joining', last: { offset: 3 }, typing: new Map() });
  });
});

/** A network between one log and one client that loses, repeats, delays and reorders. */
type Step =
  | { readonly do: 'say'; readonly deliver: boolean }
  | { readonly do: 'repeat'; readonly back: number }
  | { readonly do: 'rejoin' }
  | { readonly do: 'staleJoined' }
  | { readonly do: 'history'; readonly limit: number }
  | { readonly do: 'disconnect' };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant<'say'>('say'), deliver: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant<'repeat'>('repeat'), back: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'rejoin' }, { do: 'staleJoined' }, { do: 'disconnect' }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant<'history'>('history'), limit: fc.integer({ min: 1, max: 60 }) }) },
  ),
  { maxLength: 200 },
);

function expectPartOfLog(room: RoomState, log: readonly Message[]): void {
  const end = room.last?.offset ?? 0;
  expect(room.messages.slice(0)).toEqual(log.slice(end - room.messages.length, end));
}

test('whatever is lost, repeated, stale or out of order: what is shown is a part of the log, and after one more join all of its end', () => {
  fc.assert(
    fc.property(steps, fc.nat(120), (script, before) => {
      let log = messages(1, before);
      let room = applyJoined(newRoom('lobby'), answerJoin(log, 'e', undefined));
      let stale = answerJoin(log, 'e', room.last);

      for (const step of script) {
        if (step.do === 'say') {
          const next = message(log.length + 1);
          log = [...log, next];
          if (step.deliver) room = applyMessage(room, next);
        } else if (step.do === 'repeat') {
          const old = log.at(-1 - step.back);
          if (old) room = applyMessage(room, old);
        } else if (step.do === 'rejoin') {
          stale = answerJoin(log, 'e', room.last);
          room = applyJoined(room, stale);
        } else if (step.do === 'staleJoined') {
          room = applyJoined(room, stale);
        } else if (step.do === 'history') {
          const first = room.messages.at(0)?.position.offset ?? 1;
          room = applyHistory(room, log.slice(Math.max(0, first - 1 - step.limit), first - 1), first > 1);
        } else {
          room = applyDisconnect(room);
        }
        expectPartOfLog(room, log);
      }
      room = applyJoined(room, answerJoin(log, 'e', room.last));

      expect(room).toMatchObject({ gap: false, break: undefined, last: { offset: log.length } });
      expectPartOfLog(room, log);
    }),
    { numRuns: 300 },
  );
});
