import { useId, useState, type ReactNode, type SubmitEvent } from 'react';
import { unreadCount } from '@chat/client';
import { roomLabel } from '../page/timeline';
import { unsentCount } from '../page/pageState';
import { useChat, usePage } from '../useChat';
import { AskFirst } from './AskFirst';

/** Where one is, where one could be, and who one is. */
export function Sidebar({ onEntered }: { readonly onEntered: () => void }) {
  const page = usePage();
  const user = useChat((state) => state.user) ?? '';
  const rooms = useChat((state) => state.rooms);
  const directory = useChat((state) => state.directory);
  const unsent = useChat(unsentCount);
  const elsewhere = directory.filter((name) => !rooms.has(name));

  function enter(name: string): string | undefined {
    const problem = page.enter(name);
    if (problem === undefined) onEntered();
    return problem;
  }

  return (
    <nav className="sidebar" aria-label="Rooms">
      <EnterRoom enter={enter} />
      <div className="room-lists">
        {rooms.size > 0 && (
          <RoomList title="Your rooms">
            {[...rooms.values()].map((room) => (
              <RoomLink key={room.name} name={room.name} unread={unreadCount(room, user)} enter={enter} />
            ))}
          </RoomList>
        )}
        {elsewhere.length > 0 && (
          <RoomList title="More rooms">
            {elsewhere.map((name) => <RoomLink key={name} name={name} unread={0} enter={enter} />)}
          </RoomList>
        )}
      </div>
      <div className="me">
        <span className="avatar" aria-hidden="true">{Array.from(user).at(0)}</span>
        <span className="me-name" dir="auto">{user}</span>
        <AskFirst unsent={unsent} act="Sign out" onAct={() => page.signOut()} />
      </div>
    </nav>
  );
}

function RoomList({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

interface RoomLinkProps {
  readonly name: string;
  readonly unread: number;
  readonly enter: (name: string) => void;
}

function RoomLink({ name, unread, enter }: RoomLinkProps) {
  const user = useChat((state) => state.user);
  const active = useChat((state) => state.active === name);
  return (
    <li>
      <button
        type="button"
        className="room-link"
        data-testid="room-link"
        data-room={name}
        aria-current={active ? 'page' : undefined}
        onClick={() => enter(name)}
      >
        <span className="room-link-name">{roomLabel(name, user)}</span>
        {unread > 0 && (
          <span className="unread">{unread > 99 ? '99+' : unread}<span className="visually-hidden"> unread</span></span>
        )}
      </button>
    </li>
  );
}

function EnterRoom({ enter }: { readonly enter: (name: string) => string | undefined }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const id = useId();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const refused = enter(name.trim());
    setProblem(refused);
    if (refused === undefined) setName('');
  }

  return (
    <form className="enter-room" onSubmit={submit}>
      <label htmlFor={id}>Enter a room</label>
      <div className="row">
        <input
          id={id}
          data-testid="room-name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="lobby"
          maxLength={64}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
        />
        <button type="submit" className="button" data-testid="enter-room">Enter</button>
      </div>
      <p id={`${id}-problem`} className="problem" role="alert">{problem}</p>
    </form>
  );
}
