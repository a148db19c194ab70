import type { Message } from '@chat/client';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { addressOf } from '../page/address';
import { traceUrl, wayOf, type Step } from '../page/way';
import { useChat, usePage } from '../useChat';
import { NodeBadge } from './NodeBadge';

/** The way of one message: where it was and when, on which place of the log it ended up, and its trace. */
export function Inspector({ room, message, onClose }: { readonly room: string; readonly message: Message; readonly onClose: () => void }) {
  const page = usePage();
  const own = useChat((state) => state.user) === message.author;
  const heading = useRef<HTMLHeadingElement>(null);
  const { position } = message;
  const steps = wayOf(message, page.journeys.seen(message.author, message.id));
  const trace = traceUrl(page.around.dashboard, message);

  useEffect(() => heading.current?.focus(), [position.epoch, position.offset]);

  function keyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') onClose();
  }

  return (
    <aside className="inspector" aria-labelledby="inspector-title" data-testid="inspector" onKeyDown={keyDown}>
      <header>
        <h2 id="inspector-title" ref={heading} tabIndex={-1}>Message {position.offset}</h2>
        <button type="button" className="button small" onClick={onClose}>Close</button>
      </header>
      {steps.length === 0 && <p className="muted">It was read back from the log: what is kept there has no times of its way.</p>}
      <ol className="way">
        {steps.map((step) => (
          <li key={step.what} data-testid="hop" data-step={step.what}>
            <span><Where step={step} own={own} /></span>
            <span className="hop-time">{sinceText(step.sinceMs)}</span>
          </li>
        ))}
      </ol>
      {steps.length > 0 && <p className="muted small-print">Each time is by the clock of its own machine. The first is {clock(steps[0]?.at ?? 0)}.</p>}
      <dl>
        <dt>Position</dt>
        <dd data-testid="position">{position.epoch}/{position.offset}</dd>
        <dt>Address</dt>
        <dd><a href={`#${addressOf(room, position.offset)}`} data-testid="message-link">Link to this message</a></dd>
        <dt>Id</dt>
        <dd>{message.id}</dd>
      </dl>
      {trace !== undefined && (
        <a className="button small" href={trace} target="_blank" rel="noopener noreferrer" data-testid="open-trace">Open trace</a>
      )}
    </aside>
  );
}

function Where({ step: { what, node }, own }: { readonly step: Step; readonly own: boolean }) {
  switch (what) {
    case 'written':
      return 'Sent from this page';
    case 'received':
      return <>Received by <NodeBadge node={node ?? ''} /></>;
    case 'stored':
      return 'Stored in Redis';
    case 'delivered':
      return <>Delivered by <NodeBadge node={node ?? ''} /> (yours)</>;
    case 'arrived':
      return own ? 'Back on this page' : 'Arrived on this page';
    case 'drawn':
      return 'On the screen';
  }
}

function sinceText(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(0)} ms`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

function clock(at: number): string {
  return CLOCK.format(at);
}
