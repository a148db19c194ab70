import { useChat, usePage } from '../useChat';

/** What a person must know now, above everything else. A connection that is back within moments is not news. */
export function Banners() {
  const page = usePage();
  const status = useChat((state) => state.status);
  const degraded = useChat((state) => state.degraded);
  const notice = useChat((state) => state.notice);
  const troubled = useChat((state) => state.troubled);
  return (
    <div className="banners" role="alert">
      {status.state === 'closed' && status.reason !== undefined && (
        <Banner tone="error" text={status.reason} action="Connect again" onAction={() => page.reconnect()} />
      )}
      {troubled && (status.state === 'waiting' || status.state === 'connecting') && (
        <Banner tone="warning" text="The connection is lost. Reconnecting…" action="Reconnect now" onAction={() => page.reconnect()} />
      )}
      {degraded && status.state === 'connected' && (
        <Banner tone="warning" text="This node cannot reach the message store. What you write waits here until it can." />
      )}
      {notice !== undefined && <Banner tone="warning" text={notice} action="Dismiss" onAction={() => page.dismissNotice()} />}
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
