import type { RoomState } from '@chat/client';
import { useRef, type FocusEvent, type KeyboardEvent } from 'react';
import { roomLabel } from '../page/timeline';
import { unsentCount } from '../page/pageState';
import { useChat, usePage } from '../useChat';
import { Composer } from './Composer';
import { AskFirst } from './AskFirst';
import { Inspector } from './Inspector';
import { Timeline } from './Timeline';

/** The room one is looking at. */
export function Room({ room }: { readonly room: RoomState }) {
  const page = usePage();
  const inspected = useChat((state) => state.inspected);
  const first = room.messages.at(0)?.position.offset ?? 0;
  const message = inspected === undefined || inspected < first ? undefined : room.messages.at(inspected - first);

  function close(): void {
    page.inspect(undefined);
    document.querySelector<HTMLElement>(`.message[data-offset="${inspected}"] .inspect`)?.focus();
  }

  return (
    <section className="room" aria-label={`Room ${room.name}`}>
      <RoomHeader room={room} />
      <Timeline key={`timeline ${room.name}`} room={room} />
      <Typing room={room} />
      {message && <Inspector room={room.name} message={message} onClose={close} />}
      {room.refusal ? <Refusal room={room} /> : <Composer key={`composer ${room.name}`} room={room.name} />}
    </section>
  );
}

function RoomHeader({ room }: { readonly room: RoomState }) {
  const page = usePage();
  const user = useChat((state) => state.user);
  const unsent = useChat((state) => unsentCount(state, room.name));
  return (
    <header className="room-header">
      <h1 title={room.name}>{roomLabel(room.name, user)}</h1>
      <Members room={room} />
      <AskFirst unsent={unsent} act="Leave" onAct={() => page.leave(room.name)} />
    </header>
  );
}

function Members({ room }: { readonly room: RoomState }) {
  const page = usePage();
  const user = useChat((state) => state.user);
  const details = useRef<HTMLDetailsElement>(null);
  const { members, count } = room.presence;
  if (!members) return count > 0 && <span className="muted" data-testid="presence">{count} here</span>;

  function close(): void {
    if (details.current) details.current.open = false;
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !details.current?.open) return;
    close();
    details.current.querySelector('summary')?.focus();
  }

  function blur(event: FocusEvent): void {
    if (event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget)) close();
  }

  return (
    <details className="members" name="members" ref={details} onKeyDown={keyDown} onBlur={blur}>
      <summary data-testid="presence">{count} here</summary>
      <ul>
        {[...members].toSorted().map((member) => (
          <li key={member} dir="auto">
            {member === user ? member : (
              <button type="button" className="member" data-testid="member" title={`Write to ${member} alone`} onClick={() => page.enterDirect(member)}>
                {member}
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Refusal({ room }: { readonly room: RoomState }) {
  const page = usePage();
  return (
    <div className="refusal" role="alert" data-testid="refused">
      <p className="problem">You cannot enter this room. {room.refusal?.message}</p>
      <button type="button" className="button small" onClick={() => page.enter(room.name)}>Try again</button>
    </div>
  );
}

function Typing({ room }: { readonly room: RoomState }) {
  const names = [...room.typing.keys()];
  const text = names.length > 3 ? 'Several people are typing…' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
  return <p className="typing" data-testid="typing">{names.length > 0 && text}</p>;
}
