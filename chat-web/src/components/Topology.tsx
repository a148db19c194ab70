import { useEffect, useId, useState, useSyncExternalStore, type SubmitEvent } from 'react';
import type { NodePhase, NodeView } from '../page/topology';
import { useChat, usePage } from '../useChat';
import { NodeBadge } from './NodeBadge';

const PHASES: Record<NodePhase, string> = { ready: 'ready', draining: 'draining', failing: 'does not answer', gone: 'gone' };

/** The system as it is now: this page, the balancer, its nodes and Redis. */
export function Topology() {
  const { topology } = usePage();
  const { phase, policy, draining, nodes, tokenRefused } = useSyncExternalStore(topology.view.subscribe, topology.view.get);
  const degraded = useChat((state) => state.degraded);
  const connected = useChat((state) => state.status.state === 'connected');
  const mine = useChat((state) => (state.status.state === 'connected' ? state.node : undefined));

  useEffect(() => topology.watch(), [topology]);

  return (
    <section className="topology" aria-labelledby="topology-title" data-testid="topology" data-phase={phase}>
      <h1 id="topology-title">Topology</h1>
      {phase === 'unavailable' && <StatusToken refused={tokenRefused} onToken={(token) => topology.useToken(token)} />}
      {phase === 'stale' && <p className="problem" role="status">The balancer does not answer. This is what it said last.</p>}
      {phase === 'loading' && <p className="muted">Asking the balancer…</p>}
      {nodes.length > 0 && phase !== 'unavailable' && (
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

/** The balancer tells its status on its own machine, and elsewhere to those who have its token. */
function StatusToken({ refused, onToken }: { readonly refused: boolean; readonly onToken: (token: string) => void }) {
  const [token, setToken] = useState('');
  const id = useId();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (token !== '') onToken(token);
  }

  return (
    <form className="status-token" onSubmit={submit}>
      <p className="muted">The balancer tells its status on its own machine, and elsewhere to those who have its token. This page was not told.</p>
      <label htmlFor={id}>Status token</label>
      <div className="row">
        <input
          id={id}
          type="password"
          data-testid="status-token"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          autoComplete="off"
          aria-invalid={refused}
          aria-describedby={`${id}-problem`}
        />
        <button type="submit" className="button" data-testid="show-topology">Show</button>
      </div>
      <p id={`${id}-problem`} className="problem" role="alert">{refused && 'The balancer did not take this token.'}</p>
    </form>
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
