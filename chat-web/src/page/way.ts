import type { Message } from '@chat/client';
import { parseTraceparent } from '../trace/span';
import type { Seen } from './journeys';

/** One step of a message's way. */
export interface Step {
  readonly what: 'written' | 'received' | 'stored' | 'delivered' | 'arrived' | 'drawn';
  /** The node it happened at; undefined for this page, and for Redis. */
  readonly node: string | undefined;
  /** Milliseconds since 1970, by the clock of whoever did it. */
  readonly at: number;
  /** Since the first step; two clocks may differ. */
  readonly sinceMs: number;
}

/** The way of a message in the order in which it goes, as far as this page knows it. */
export function wayOf(message: Message, seen: Seen): readonly Step[] {
  const hops = new Map((message.hops ?? []).map(({ step, node, at }) => [step, { node, at: Date.parse(at) }]));
  const known = [
    { what: 'written', node: undefined, at: seen.written },
    { what: 'received', ...hops.get('received') },
    { what: 'stored', node: undefined, at: hops.get('stored')?.at },
    { what: 'delivered', ...hops.get('delivered') },
    { what: 'arrived', node: undefined, at: seen.arrived },
    { what: 'drawn', node: undefined, at: seen.drawn },
  ] as const;
  const steps = known.flatMap(({ what, node, at }) => (at === undefined || Number.isNaN(at) ? [] : [{ what, node, at }]));
  const first = steps[0]?.at ?? 0;
  return steps.map((step) => ({ ...step, sinceMs: step.at - first }));
}

/** Where the dashboard shows a message's trace; undefined when it has none, or nobody knows the dashboard. */
export function traceUrl(dashboard: string, { traceparent }: Message): string | undefined {
  const context = parseTraceparent(traceparent);
  if (!context || dashboard === '') return undefined;
  return `${dashboard.replace(/\/+$/, '')}/traces/detail/${context.traceId}`;
}
