import { memo } from 'react';
import type { Message } from '../frames';
import type { OutboxEntry } from '../state/outbox';
import { useClient } from '../useChat';
import { NodeBadge, useNodeStyle } from './NodeBadge';

interface MessageRowProps {
  readonly message: Message;
  readonly own: boolean;
  /** Whether it carries the line with author, time and node. */
  readonly head: boolean;
  readonly seenBy: string | undefined;
}

/** One stored message. */
export const MessageRow = memo(function MessageRow({ message, own, head, seenBy }: MessageRowProps) {
  const { author, node, position, sentAt, text } = message;
  const style = useNodeStyle(node);
  return (
    <li
      className={`message${own ? ' own' : ''}${head ? ' head' : ''}`}
      style={style}
      data-testid="message"
      data-offset={position.offset}
      data-node={node}
      data-author={author}
      data-state="sent"
    >
      <div className={head ? 'message-head' : 'visually-hidden'}>
        <span className="author" dir="auto">{author}</span>
        <time dateTime={sentAt}>{timeOf(sentAt)}</time>
        <span className="visually-hidden">at node</span>
        <NodeBadge node={node} />
      </div>
      <p className="text" dir="auto">{text}</p>
      {seenBy !== undefined && <p className="seen-by">{seenBy}</p>}
    </li>
  );
});

/** One message of one's own that is not in the room's log yet. */
export function OutboxRow({ entry, author }: { readonly entry: OutboxEntry; readonly author: string }) {
  const client = useClient();
  const { state } = entry.delivery;
  return (
    <li className={`message own waiting ${state}`} data-testid="message" data-author={author} data-state={state}>
      <p className="text" dir="auto">{entry.text}</p>
      {state !== 'failed' && <p className="delivery">{state === 'pending' ? 'Sending…' : 'Sent'}</p>}
      {entry.delivery.state === 'failed' && (
        <p className="delivery problem">
          <span>Not sent. {entry.delivery.reason}</span>
          <button type="button" className="button small" data-testid="retry" onClick={() => client.retry(entry.id)}>Try again</button>
          <button type="button" className="button small" onClick={() => client.discard(entry.id)}>Discard</button>
        </p>
      )}
    </li>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

function timeOf(sentAt: string): string {
  const time = Date.parse(sentAt);
  return Number.isNaN(time) ? '' : TIME.format(time);
}
