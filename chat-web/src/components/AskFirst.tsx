import { useId, useRef } from 'react';

interface AskFirstProps {
  /** Messages that would be lost. */
  readonly unsent: number;
  /** What the button says. */
  readonly act: string;
  readonly onAct: () => void;
}

/** A button that asks before it loses anything. */
export function AskFirst({ unsent, act, onAct }: AskFirstProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const messages = unsent === 1 ? 'One message is' : `${unsent} messages are`;

  function click(): void {
    if (unsent === 0) onAct();
    else dialog.current?.showModal();
  }

  return (
    <>
      <button type="button" className="button small" onClick={click}>{act}</button>
      <dialog ref={dialog} className="ask" aria-labelledby={id}>
        <p id={id}>{messages} not sent yet and would be lost.</p>
        <form method="dialog" className="row">
          <button className="button">Stay</button>
          <button className="button" onClick={onAct}>{act} anyway</button>
        </form>
      </dialog>
    </>
  );
}
