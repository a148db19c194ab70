import { useId, useState, type KeyboardEvent, type SubmitEvent } from 'react';
import { outgoing, sendsOn } from '../page/composing';
import { roomLabel } from '../page/timeline';
import { useChat, usePage } from '../useChat';

/** Writes into a room. Works without a connection too: what is sent waits. Give it the room as its key. */
export function Composer({ room }: { readonly room: string }) {
  const page = usePage();
  const user = useChat((state) => state.user);
  const draft = useChat((state) => state.drafts.get(room) ?? '');
  // What is typed has to be there at once, before the state comes round.
  const [text, setText] = useState(draft);
  const [problem, setProblem] = useState<string>();
  const id = useId();
  const message = outgoing(text);

  function write(next: string): void {
    setText(next);
    setProblem(undefined);
    page.write(room, next);
  }

  function send(): void {
    if (message === '') return;
    const refused = page.send(room, message);
    if (refused === undefined) write('');
    setProblem(refused);
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    send();
  }

  function keyDown(event: KeyboardEvent): void {
    if (!sendsOn(event.nativeEvent)) return;
    event.preventDefault();
    send();
  }

  return (
    <form className="composer" onSubmit={submit}>
      <label htmlFor={id} className="visually-hidden">Message to {roomLabel(room, user)}</label>
      <textarea
        id={id}
        data-testid="composer"
        rows={1}
        value={text}
        placeholder={`Message ${roomLabel(room, user)}`}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyDown}
        // Whoever enters a room is there to write or read; reading needs no focus.
        autoFocus
        dir="auto"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
      />
      <button type="submit" className="button primary" data-testid="send" disabled={message === ''}>Send</button>
      <p id={`${id}-problem`} className="problem" role="alert">{problem}</p>
    </form>
  );
}
