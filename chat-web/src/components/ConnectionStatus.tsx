import type { ConnectionStatus as Status } from '@chat/client';
import { useChat } from '../useChat';
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
  return (
    <div className="status" data-phase={phase}>
      <span className="status-dot" aria-hidden="true" />
      <span data-testid="connection-state" data-phase={phase}>{WORDS[phase]}</span>
      {phase === 'open' && node !== undefined && (
        <span className="status-node">
          <span className="status-to">to node</span> <NodeBadge node={node} testId="my-node" />
        </span>
      )}
    </div>
  );
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
