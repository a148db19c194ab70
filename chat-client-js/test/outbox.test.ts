import { describe, expect, test } from 'vitest';
import type { NackFrame } from '../src/frames.js';
import * as outbox from '../src/outbox.js';
import { message } from './build.js';

const SAFE_RETRY_MS = 540_000;

const two = outbox.enqueue(outbox.enqueue([], { id: 'a', room: 'lobby', text: 'one' }), { id: 'b', room: 'lobby', text: 'two' });

function nack(changes: Partial<NackFrame>): NackFrame {
  return { type: 'nack', id: 'a', code: 'x', message: 'No.', retryable: true, ...changes };
}

describe('outbox', () => {
  test('sends the oldest first', () => {
    expect(outbox.nextToSend(two, 'lobby', 0)?.id).toBe('a');
    expect(outbox.nextToSend(two, 'other', 0)).toBeUndefined();
  });

  test('waits with everything behind a text that must wait, so that the order stays', () => {
    const refused = outbox.applyNack(two, nack({ retryable: true }), 500);

    expect(outbox.nextToSend(refused, 'lobby', 499)).toBeUndefined();
    expect(outbox.nextToSend(refused, 'lobby', 500)?.id).toBe('a');
  });

  test('goes on past a text that was refused for good', () => {
    const refused = outbox.applyNack(two, nack({ retryable: false }), 0);

    expect(refused[0]?.delivery).toEqual({ state: 'failed', code: 'x', reason: 'No.' });
    expect(outbox.nextToSend(refused, 'lobby', 0)?.id).toBe('b');
  });

  test('keeps a stored text until its own copy has arrived', () => {
    const acked = outbox.applyAck(two, 'a', { epoch: 'e', offset: 7 });

    expect(outbox.settleAcked(acked, 'lobby', { epoch: 'e', offset: 6 })).toHaveLength(2);
    expect(outbox.settleAcked(acked, 'lobby', { epoch: 'e', offset: 7 })).toHaveLength(1);
    expect(outbox.settleAcked(acked, 'lobby', { epoch: 'f', offset: 1 })).toHaveLength(1);
  });

  test('takes its own copy for an ack, and nobody else’s', () => {
    expect(outbox.settle(two, 'ada', [message(1, { id: 'a', author: 'eve' })])).toBe(two);
    expect(outbox.settle(two, 'ada', [message(1, { id: 'a', author: 'ada' })]).map(({ id }) => id)).toEqual(['b']);
  });

  test('asks the person once a retry would no longer be safe', () => {
    const sent = outbox.markSent(two, 'a', 1_000);

    expect(outbox.expire(sent, 1_000 + SAFE_RETRY_MS, SAFE_RETRY_MS)).toEqual(sent);
    expect(outbox.expire(sent, 1_001 + SAFE_RETRY_MS, SAFE_RETRY_MS).map((entry) => entry.delivery.state)).toEqual(['failed', 'pending']);
  });

  test('keeps the id over a retry by hand', () => {
    const failed = outbox.applyNack(two, nack({ retryable: false }), 0);

    expect(outbox.nextToSend(outbox.retry(failed, 'a'), 'lobby', 0)?.id).toBe('a');
  });
});
