import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChatError } from '../src/errors.js';
import { LogNode, type Fate } from './logNode.js';
import { FakeWorld } from './world.js';

/** What may happen, in any order, between one client and a cluster with one log. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), arrives: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), how: fc.constantFrom<Fate>('ack', 'silent', 'lost', 'unavailable', 'limited', 'not_joined', 'epoch') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat' as const), back: fc.nat(10) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('history' as const), refused: fc.boolean(), limit: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('disconnect' as const), code: fc.constantFrom(1006, 4000, 4001, 4002, 4003) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('epoch' as const), lose: fc.nat(5), told: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('outage' as const), seconds: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), keep: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 30 }) }) },
);

test('whatever is lost, repeated, refused, cut or begun anew: all ends in the order of the log, and nothing that waits is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.nat(80), async (script, before) => {
      const world = new FakeWorld();
      const node = new LogNode(world, before);
      const client = await world.connecting({ messagesMax: 1_000 });
      const room = client.enter('lobby');
      const sent: string[] = [];
      await node.settle();

      for (const step of script) {
        if (step.do === 'send') {
          node.fate = step.how;
          sent.push(room.enqueue(`own ${sent.length}`));
        } else if (step.do === 'history') {
          node.refuseHistory = step.refused;
          room.history(step.limit).catch((error: unknown) => expect(error).toBeInstanceOf(ChatError));
        } else {
          node.happens(step);
        }
        await node.settle();
        if (step.do === 'outage' || step.do === 'time') await node.alive(step.seconds);
        node.expectPartOfLog(room.state);
      }

      node.heal();
      await node.alive(90);
      node.expectPartOfLog(room.state);
      expect(room.state).toMatchObject({ phase: 'live', gap: false, last: { epoch: node.epoch, offset: node.top } });
      expect(room.state?.messages.length).toBeGreaterThanOrEqual(Math.min(50, node.held.length));
      // Paging back finds all that the log still has, in whatever epoch it was written.
      for (let page = 0; page < 20 && room.state?.more; page += 1) {
        const asked = room.history(50);
        await node.settle();
        await asked;
      }
      expect(room.state?.messages.slice(0).map(({ id }) => id).slice(-node.held.length)).toEqual(node.held);
      // Every message of one's own is in the log, once, in the order of writing; or its epoch has lost it after its ack.
      expect(client.store.get().outbox).toEqual([]);
      expect(node.storedBy('ada')).toEqual(sent);
    }),
    { numRuns: 250 },
  );
}, 120_000);
