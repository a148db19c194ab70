import { useId, useState, type SubmitEvent } from 'react';
import { useChat, usePage } from '../useChat';

export function SignIn() {
  const { site } = usePage().around;
  return site ? <AtSite url={site.signInUrl()} /> : <NameOnly />;
}

/** People sign in where they always do. */
function AtSite({ url }: { readonly url: string }) {
  const notice = useChat((state) => state.notice);
  return (
    <main className="sign-in">
      <div className="card">
        <h1>Chat</h1>
        <p className="problem" role="alert">{notice}</p>
        <a className="button primary" href={url} data-testid="sign-in-at-site">Sign in</a>
      </div>
    </main>
  );
}

/** The sign-in of a development cluster. */
function NameOnly() {
  const page = usePage();
  const notice = useChat((state) => state.notice);
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const id = useId();

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const user = name.trim();
    if (user === '') {
      setProblem('Type a name first.');
      return;
    }
    setBusy(true);
    setProblem(await page.signIn(user));
    setBusy(false);
  }

  const message = problem ?? notice;
  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h1>Chat</h1>
        <p className="muted">One chat on many nodes. This tab is one person; another tab may be another.</p>
        <label htmlFor={id}>Your name</label>
        <input
          id={id}
          data-testid="user-name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={64}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          // The only field of the page.
          autoFocus
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
        />
        <p id={`${id}-problem`} className="problem" role="alert">{message}</p>
        <button type="submit" className="button primary" data-testid="sign-in" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
