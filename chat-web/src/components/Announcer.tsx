import { useChat } from '../useChat';

/** Reads what happens to whoever cannot see it. A new paragraph each time: the same words again are news again. */
export function Announcer() {
  const { id, text } = useChat((state) => state.spoken);
  return (
    <div className="visually-hidden" aria-live="polite" data-testid="spoken">
      {text !== '' && <p key={id}>{text}</p>}
    </div>
  );
}
