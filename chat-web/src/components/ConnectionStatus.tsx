import type { ConnectionState } from '../state/chat';
import { useChat } from '../useChat';
import { NodeBadge } from './NodeBadge';

const WORDS: Record<ConnectionState['phase'], string> = {
  off: 'Offline',
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Reconnecting…',
  stopped: 'Disconnected',
};

/** How the connection is, and which node it leads to. */
export function ConnectionStatus() {
  const { phase } = useChat((state) => state.connection);
  const node = useChat((state) => state.node);
  return (
    <div className="status" data-phase={phase}>
      <span className="status-dot" aria-hidden="true" />
      <output data-testid="connection-state" data-phase={phase}>{WORDS[phase]}</output>
      {phase === 'open' && node !== undefined && (
        <span className="status-node">
          <span className="status-to">to node</span> <NodeBadge node={node} testId="my-node" />
        </span>
      )}
    </div>
  );
}
