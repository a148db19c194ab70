import type { Message, OutboxEntry } from '@chat/client';
import { memo, useEffect, type KeyboardEvent, type MouseEvent } from 'react';
import { partsOf } from '../page/links';
import { textOf } from '../page/pageState';
import { usePage } from '../useChat';
import { NodeBadge, useNodeStyle } from './NodeBadge';

interface MessageRowProps {
  readonly message: Message;
  readonly own: boolean;
  /** Whether it carries the line with author, time and node. */
  readonly head: boolean;
  readonly seenBy: string | undefined;
  /** The keyboard comes to this one; to the others by arrows. */
  readonly reachable: boolean;
  readonly inspected: boolean;
}

/** One stored message. */
export const MessageRow = memo(function MessageRow({ message, own, head, seenBy, reachable, inspected }: MessageRowProps) {
  const { author, node, position, sentAt } = message;
  const style = useNodeStyle(node);
  const page = usePage();

  useEffect(() => page.journeys.drawn(message, page.state.node), [page, message]);

  function click(event: MouseEvent): void {
    // Not while somebody marks text or follows a link.
    if (event.target instanceof Element && event.target.closest('a, button')) return;
    if (getSelection()?.isCollapsed !== false) page.inspect(position.offset);
  }

  return (
    <li
      className={`message${own ? ' own' : ''}${head ? ' head' : ''}${inspected ? ' inspected' : ''}`}
      onClick={click}
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
      <Text text={textOf(message)} />
      <button
        type="button"
        className="inspect"
        data-testid="inspect"
        aria-label={`Details of message ${position.offset}`}
        aria-pressed={inspected}
        tabIndex={reachable ? 0 : -1}
        onKeyDown={moveByArrows}
        onClick={() => page.inspect(position.offset)}
      >
        Details
      </button>
      {seenBy !== undefined && <p className="seen-by">{seenBy}</p>}
    </li>
  );
});

/** From one message's button to the next. */
function moveByArrows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const buttons = [...document.querySelectorAll<HTMLElement>('.message .inspect')];
  const next = buttons[buttons.indexOf(event.currentTarget as HTMLElement) + (event.key === 'ArrowUp' ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

interface OutboxRowProps {
  readonly entry: OutboxEntry;
  readonly author: string;
  /** Where the keyboard goes when the buttons go. */
  readonly onDone: () => void;
}

/** One message of one's own that is not in the room's log yet. */
export function OutboxRow({ entry, author, onDone }: OutboxRowProps) {
  const page = usePage();
  const { state } = entry.delivery;

  function retry(): void {
    page.retry(entry.id);
    onDone();
  }

  function discard(): void {
    page.discard(entry.id);
    onDone();
  }

  return (
    <li className={`message own waiting ${state}`} data-testid="message" data-author={author} data-state={state}>
      <Text text={entry.text} />
      {state !== 'failed' && <p className="delivery">{state === 'pending' ? 'Sending…' : 'Sent'}</p>}
      {entry.delivery.state === 'failed' && (
        <p className="delivery problem">
          <span>Not sent. {entry.delivery.reason}</span>
          <button type="button" className="button small" data-testid="retry" onClick={retry}>Try again</button>
          <button type="button" className="button small" onClick={discard}>Discard</button>
        </p>
      )}
    </li>
  );
}

function Text({ text }: { readonly text: string }) {
  return (
    <p className="text" dir="auto">
      {partsOf(text).map((part, index) =>
        part.href === undefined ? part.text : <a key={index} href={part.href} target="_blank" rel="noopener noreferrer">{part.text}</a>,
      )}
    </p>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

function timeOf(sentAt: string): string {
  const time = Date.parse(sentAt);
  return Number.isNaN(time) ? '' : TIME.format(time);
}
