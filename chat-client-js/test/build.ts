import type { JoinedFrame, Message, Position } from '../src/frames.js';

/** Values for tests; what a test is about, it says itself. */

export function message(offset: number, changes: Partial<Message> & { readonly epoch?: string } = {}): Message {
  const { epoch = 'e', ...rest } = changes;
  return {
    room: 'lobby',
    position: { epoch, offset },
    id: `m${offset}`,
    author: 'bob',
    text: `text ${offset}`,
    sentAt: '2026-11-24T04:00:00.000Z',
    node: 'abcdefgh',
    ...rest,
  };
}

export function messages(from: number, to: number, epoch = 'e'): readonly Message[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => message(from + index, { epoch }));
}

export function joined(changes: Partial<JoinedFrame> = {}): JoinedFrame {
  return {
    type: 'joined',
    room: 'lobby',
    epoch: 'e',
    offset: changes.messages?.at(-1)?.position.offset ?? 0,
    recovered: true,
    messages: [],
    members: [],
    read: new Map(),
    ...changes,
  };
}

/** A message as the node writes it. */
export function wire({ position, room, id, author, text, sentAt, node }: Message): object {
  return { type: 'message', room, ...position, id, author, text, sentAt, node };
}

/** Answers a join as a node would that holds this log. */
export function answerJoin(log: readonly Message[], epoch: string, after: Position | undefined): JoinedFrame {
  const offset = log.at(-1)?.position.offset ?? 0;
  const first = log[0]?.position.offset ?? 1;
  const recovered = after === undefined || (after.epoch === epoch && after.offset >= first - 1 && after.offset <= offset);
  const replay = after !== undefined && recovered ? log.filter((entry) => entry.position.offset > after.offset) : log.slice(-50);
  return joined({ epoch, offset, recovered, messages: replay });
}
