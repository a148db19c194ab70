import { useId, useState, type KeyboardEvent, type SubmitEvent } from 'react';
import { roomLabel } from '../state/timeline';
import { useChat, useClient } from '../useChat';

/** Writes into a room. Works without a connection too: what is sent waits. */
export function Composer({ room }: { readonly room: string }) {
  const client = useClient();
  const user = useChat((state) => state.user);
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = useState<string>();
  const id = useId();
  const draft = drafts.get(room) ?? '';

  function write(text: string): void {
    setDrafts((all) => new Map(all).set(room, text));
    setProblem(undefined);
    if (text !== '') client.typing(room);
  }

  function send(): void {
    if (draft.trim() === '') return;
    const refused = client.send(room, draft.trim());
    setProblem(refused);
    if (refused === undefined) setDrafts((all) => new Map(all).set(room, ''));
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    send();
  }

  function keyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form className="composer" onSubmit={submit}>
      <label htmlFor={id} className="visually-hidden">Message to {roomLabel(room, user)}</label>
      <textarea
        key={room}
        id={id}
        data-testid="composer"
        rows={1}
        value={draft}
        placeholder={`Message ${roomLabel(room, user)}`}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyDown}
        // Whoever enters a room is there to write or read; reading needs no focus.
        autoFocus
        dir="auto"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
      />
      <button type="submit" className="button primary" data-testid="send" disabled={draft.trim() === ''}>Send</button>
      <p id={`${id}-problem`} className="problem" role="alert">{problem}</p>
    </form>
  );
}
