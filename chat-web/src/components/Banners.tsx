import { useChat, useClient } from '../useChat';

/** What a person must know now, above everything else. */
export function Banners() {
  const client = useClient();
  const connection = useChat((state) => state.connection);
  const degraded = useChat((state) => state.degraded);
  const notice = useChat((state) => state.notice);
  return (
    <div className="banners" role="alert">
      {connection.phase === 'stopped' && (
        <Banner tone="error" text={connection.reason} action="Connect again" onAction={() => client.reconnect()} />
      )}
      {connection.phase === 'waiting' && (
        <Banner tone="warning" text={`${connection.reason} Reconnecting…`} action="Reconnect now" onAction={() => client.reconnect()} />
      )}
      {degraded && connection.phase === 'open' && (
        <Banner tone="warning" text="This node cannot reach the message store. What you write waits here until it can." />
      )}
      {notice !== undefined && <Banner tone="warning" text={notice} action="Dismiss" onAction={() => client.dismissNotice()} />}
    </div>
  );
}

interface BannerProps {
  readonly tone: 'error' | 'warning';
  readonly text: string;
  readonly action?: string;
  readonly onAction?: () => void;
}

function Banner({ tone, text, action, onAction }: BannerProps) {
  return (
    <div className={`banner ${tone}`}>
      <span>{text}</span>
      {action !== undefined && <button type="button" className="button small" onClick={onAction}>{action}</button>}
    </div>
  );
}
