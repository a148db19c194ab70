import type { ConnectionStatus as Status } from '@chat/client';
import { useEffect, useState } from 'react';
import { useChat, usePage } from '../useChat';
import { NodeBadge } from './NodeBadge';

type Phase = 'off' | 'connecting' | 'open' | 'waiting' | 'stopped';

const WORDS: Record<Phase, string> = {
  off: 'Offline',
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Reconnecting…',
  stopped: 'Disconnected',
};

/** How the connection is, and which node it leads to. It is seen, not said: the banner speaks when it is worth it. */
export function ConnectionStatus() {
  const phase = useChat((state) => phaseOf(state.status));
  const node = useChat((state) => state.node);
  const storedInMs = useChat((state) => state.storedInMs);
  return (
    <div className="status" data-phase={phase}>
      <span className="status-dot" aria-hidden="true" />
      <span data-testid="connection-state" data-phase={phase}>{WORDS[phase]}{phase === 'waiting' && <Countdown />}</span>
      {phase === 'open' && node !== undefined && (
        <span className="status-node">
          <span className="status-to">to node</span> <NodeBadge node={node} testId="my-node" />
        </span>
      )}
      {phase === 'open' && storedInMs !== undefined && (
        <span className="round-trip" title="From this page into the log and back, for your newest message">
          <span className="visually-hidden">Your newest message was stored in </span>
          <span data-testid="round-trip">{Math.round(storedInMs)} ms</span>
        </span>
      )}
    </div>
  );
}

/** How long until the next try, for those who look. */
function Countdown() {
  const page = usePage();
  const [seconds, setSeconds] = useState(() => page.retrySeconds);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(page.retrySeconds), 250);
    return () => clearInterval(timer);
  }, [page]);
  return seconds === undefined || seconds === 0 ? null : <span data-testid="retry-in"> in {seconds} s</span>;
}

function phaseOf(status: Status): Phase {
  switch (status.state) {
    case 'closed':
      return status.reason === undefined ? 'off' : 'stopped';
    case 'connecting':
      return 'connecting';
    case 'connected':
      return 'open';
    case 'waiting':
      return 'waiting';
  }
}
