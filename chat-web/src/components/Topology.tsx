import { useEffect, useSyncExternalStore } from 'react';
import type { NodePhase, NodeView } from '../page/topology';
import { useChat, usePage } from '../useChat';
import { NodeBadge } from './NodeBadge';

const PHASES: Record<NodePhase, string> = { ready: 'ready', draining: 'draining', failing: 'does not answer', gone: 'gone' };

/** The system as it is now: this page, the balancer, its nodes and Redis. */
export function Topology() {
  const { topology } = usePage();
  const { phase, policy, draining, nodes } = useSyncExternalStore(topology.view.subscribe, topology.view.get);
  const degraded = useChat((state) => state.degraded);
  const connected = useChat((state) => state.status.state === 'connected');
  const mine = useChat((state) => (state.status.state === 'connected' ? state.node : undefined));

  useEffect(() => topology.watch(), [topology]);

  return (
    <section className="topology" aria-labelledby="topology-title" data-testid="topology" data-phase={phase}>
      <h1 id="topology-title">Topology</h1>
      {phase === 'unavailable' && (
        <p className="muted">The balancer tells its status on its own machine only. This page was not told.</p>
      )}
      {phase === 'stale' && <p className="problem" role="status">The balancer does not answer. This is what it said last.</p>}
      {phase === 'loading' && <p className="muted">Asking the balancer…</p>}
      {nodes.length > 0 && (
        <ol className="stages">
          <li className="stage">
            <h2>You</h2>
            <p className="stage-box">{connected ? 'Connected' : 'Not connected'}</p>
          </li>
          <li className="stage">
            <h2>Balancer</h2>
            <p className="stage-box">{draining ? 'Draining' : `Picks by ${policy}`}</p>
          </li>
          <li className="stage nodes">
            <h2>Nodes</h2>
            <ul>{nodes.map((node) => <NodeBox key={node.id} node={node} mine={node.id === mine} />)}</ul>
          </li>
          <li className="stage">
            <h2>Redis</h2>
            <p className="stage-box" data-testid="redis">{connected ? (degraded ? 'Your node cannot reach it' : 'Your node reaches it') : 'Not known'}</p>
          </li>
        </ol>
      )}
      <p className="visually-hidden" role="status">{nodes.map((node) => `Node ${node.id} ${PHASES[node.phase]}`).join(', ')}</p>
    </section>
  );
}

function NodeBox({ node, mine }: { readonly node: NodeView; readonly mine: boolean }) {
  return (
    <li className="stage-box node-box" data-testid="topology-node" data-node={node.id} data-phase={node.phase} data-mine={mine}>
      <span className="node-line">
        <NodeBadge node={node.id} />
        <span>{PHASES[node.phase]}</span>
        {mine && <strong>yours</strong>}
      </span>
      {node.phase !== 'gone' && (
        <span className="node-line">
          <span className="share" aria-hidden="true"><span style={{ width: `${node.share}%` }} /></span>
          <span>{node.share} % · {node.connections === 1 ? '1 connection' : `${node.connections} connections`}</span>
        </span>
      )}
    </li>
  );
}
