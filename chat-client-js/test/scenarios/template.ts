/** Frames as scenario files write them: what is not said is filled in, as docs/scenarios/README.md has it. */

export type Fields = Readonly<Record<string, unknown>>;

/** What earlier steps have named: `$first.id` is the id of the frame named `first`. */
export type Names = ReadonlyMap<string, Fields>;

const HELLO = { protocol: 1, node: 'n1', connection: 'c1', user: 'ada', pingSeconds: 0, limits: { frameBytesMax: 16_384, textBytesMax: 4_096, roomsMax: 100 } };

export function complete(template: Fields, names: Names): Fields {
  const frame = resolve(template, names) as Fields;
  switch (frame['type']) {
    case 'hello':
      return { ...HELLO, ...frame };
    case 'message':
      return message(frame, 'lobby', 'e1');
    case 'joined': {
      const messages = messagesOf({ room: 'lobby', epoch: 'e1', ...frame });
      return { room: 'lobby', epoch: 'e1', recovered: true, offset: messages.at(-1)?.['offset'] ?? 0, ...frame, messages };
    }
    case 'history':
      return { room: 'lobby', more: false, ...frame, messages: messagesOf({ room: 'lobby', epoch: 'e1', ...frame }) };
    case 'ack':
      return { room: 'lobby', epoch: 'e1', ...frame };
    case 'nack':
      return { message: 'Refused.', retryable: false, ...frame };
    case 'error':
      return { message: 'Refused.', ...frame };
    default:
      return frame;
  }
}

/** Whether a frame has everything the pattern has. In a pattern null is for what must not be there. */
export function matches(pattern: unknown, actual: unknown): boolean {
  if (pattern === null) return actual === undefined || actual === null;
  if (isFields(pattern)) return isFields(actual) && Object.entries(pattern).every(([name, value]) => matches(value, actual[name]));
  return JSON.stringify(pattern) === JSON.stringify(actual);
}

export function resolve(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, names));
  if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, resolve(field, names)]));
  if (typeof value !== 'string' || !value.startsWith('$')) return value;
  const [name = '', field = ''] = value.slice(1).split('.');
  const named = names.get(name)?.[field];
  if (named === undefined) throw new Error(`Nothing is called ${value}.`);
  return named;
}

/** `7`, or `"5-8"`. */
export function offsetsOf(range: unknown): readonly number[] {
  const [first = Number.NaN, last = first] = String(range).split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The room a step is about. */
export function roomOf({ room = 'lobby' }: Fields): string {
  if (typeof room !== 'string') throw new Error('Not the name of a room.');
  return room;
}

function messagesOf({ messages, room, epoch }: Fields): readonly Fields[] {
  const entries: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const expanded = entries.flatMap((entry) => (isFields(entry) ? [entry] : offsetsOf(entry).map((offset): Fields => ({ offset }))));
  return expanded.map((entry) => message(entry, String(room), String(epoch)));
}

function message(fields: Fields, room: string, epoch: string): Fields {
  const offset = String(fields['offset']);
  const sentAt = '2026-01-01T00:00:00.000Z';
  return { type: 'message', room, epoch, id: `m${offset}`, author: 'bob', text: `text ${offset}`, sentAt, node: 'n1', ...fields };
}
