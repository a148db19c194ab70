import type { OutboxEntry } from '@chat/client';
import { expect, it, vi } from 'vitest';
import { Keeper } from '../page/keeper';

const waiting: OutboxEntry = { id: 'a1', room: 'lobby', text: 'hello', delivery: { state: 'pending' }, firstSentAt: undefined, notBefore: 0 };

it('is done only once what waits has been written: a tab that is closed sooner would take it along', async () => {
  let write = (): void => undefined;
  const written = new Promise<void>((resolve) => {
    write = resolve;
  });
  const shelf = {
    adopt: () => Promise.resolve([]),
    drafts: () => Promise.resolve(new Map<string, string>()),
    put: () => written,
    remove: () => Promise.resolve(),
    putDraft: () => Promise.resolve(),
  };
  const keeper = new Keeper({ now: () => 0, wallNow: () => 0, after: () => () => {}, shelf, warn: () => {} }, () => {});
  keeper.begin('ada', null as never, () => {});
  await vi.waitFor(() => expect(keeper.done).toBe(true));

  keeper.changed([waiting], new Map());

  expect(keeper.done).toBe(false);
  write();
  await vi.waitFor(() => expect(keeper.done).toBe(true));
});
