import type { RoomState } from '../state/room';
import { roomLabel } from '../state/timeline';
import { useChat, useClient } from '../useChat';
import { Composer } from './Composer';
import { Timeline } from './Timeline';

/** The room one is looking at. */
export function Room({ room }: { readonly room: RoomState }) {
  return (
    <section className="room" aria-label={`Room ${room.name}`}>
      <RoomHeader room={room} />
      <Timeline key={room.name} room={room} />
      <Typing room={room} />
      <Composer room={room.name} />
      <Announcer room={room} />
    </section>
  );
}

function RoomHeader({ room }: { readonly room: RoomState }) {
  const client = useClient();
  const user = useChat((state) => state.user);
  const { members, count } = room.presence;
  return (
    <header className="room-header">
      <h1 title={room.name}>{roomLabel(room.name, user)}</h1>
      {members ? (
        <details className="members" name="members">
          <summary data-testid="presence">{count} here</summary>
          <ul>
            {[...members].toSorted().map((member) => (
              <li key={member} dir="auto">
                {member === user ? member : (
                  <button type="button" className="member" data-testid="member" title={`Write to ${member} alone`} onClick={() => client.enterDirect(member)}>
                    {member}
                  </button>
                )}
              </li>
            ))}
          </ul>
        </details>
      ) : (
        count > 0 && <span className="muted" data-testid="presence">{count} here</span>
      )}
      <button type="button" className="button small" onClick={() => client.leave(room.name)}>Leave</button>
    </header>
  );
}

function Typing({ room }: { readonly room: RoomState }) {
  const names = [...room.typing.keys()];
  const text = names.length > 3 ? 'Several people are typing…' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
  return <p className="typing" data-testid="typing">{names.length > 0 && text}</p>;
}

/** Reads new messages of others to whoever cannot see them; pages of history stay silent. */
function Announcer({ room }: { readonly room: RoomState }) {
  const user = useChat((state) => state.user);
  const newest = room.messages.at(-1);
  return (
    <p className="visually-hidden" aria-live="polite">
      {newest && newest.author !== user && `${newest.author}: ${newest.text}`}
    </p>
  );
}
