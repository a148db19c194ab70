import { useState } from 'react';
import { addressOf, TOPOLOGY_ADDRESS } from '../page/address';
import { useChat } from '../useChat';
import { Announcer } from './Announcer';
import { Banners } from './Banners';
import { ConnectionStatus } from './ConnectionStatus';
import { Room } from './Room';
import { Sidebar } from './Sidebar';
import { SignIn } from './SignIn';
import { Topology } from './Topology';

export function App() {
  const signedIn = useChat((state) => state.user !== undefined);
  return signedIn ? <Chat /> : <SignIn />;
}

function Chat() {
  const room = useChat((state) => (state.active === undefined ? undefined : state.rooms.get(state.active)));
  const topology = useChat((state) => state.view === 'topology');
  // On narrow screens the rooms are a panel of their own; on wide ones they are always there.
  const [showRooms, setShowRooms] = useState(false);
  const roomsShown = showRooms || (!room && !topology);
  return (
    <div className="chat" data-rooms={roomsShown ? 'shown' : 'hidden'}>
      <header className="top">
        {(room ?? topology) && (
          <button type="button" className="button small rooms-toggle" aria-expanded={roomsShown} onClick={() => setShowRooms(!roomsShown)}>
            {roomsShown ? 'Back' : 'Rooms'}
          </button>
        )}
        <span className="brand">Chat</span>
        <ConnectionStatus />
        <a className="topology-link" href={`#${topology ? addressOf(room?.name) : TOPOLOGY_ADDRESS}`} data-testid="topology-link" onClick={() => setShowRooms(false)}>
          {topology ? 'Back to chat' : 'Topology'}
        </a>
      </header>
      <Banners />
      <Sidebar onEntered={() => setShowRooms(false)} />
      <main className="main">
        {topology ? <Topology /> : room ? <Room room={room} /> : <p className="empty muted">Enter a room to begin.</p>}
      </main>
      <Announcer />
    </div>
  );
}
