import { useState } from 'react';
import { useChat } from '../useChat';
import { Announcer } from './Announcer';
import { Banners } from './Banners';
import { ConnectionStatus } from './ConnectionStatus';
import { Room } from './Room';
import { Sidebar } from './Sidebar';
import { SignIn } from './SignIn';

export function App() {
  const signedIn = useChat((state) => state.user !== undefined);
  return signedIn ? <Chat /> : <SignIn />;
}

function Chat() {
  const room = useChat((state) => (state.active === undefined ? undefined : state.rooms.get(state.active)));
  // On narrow screens the rooms are a panel of their own; on wide ones they are always there.
  const [showRooms, setShowRooms] = useState(false);
  const roomsShown = showRooms || !room;
  return (
    <div className="chat" data-rooms={roomsShown ? 'shown' : 'hidden'}>
      <header className="top">
        {room && (
          <button type="button" className="button small rooms-toggle" aria-expanded={roomsShown} onClick={() => setShowRooms(!roomsShown)}>
            {roomsShown ? 'Back' : 'Rooms'}
          </button>
        )}
        <span className="brand">Chat</span>
        <ConnectionStatus />
      </header>
      <Banners />
      <Sidebar onEntered={() => setShowRooms(false)} />
      <main className="main">
        {room ? <Room room={room} /> : <p className="empty muted">Enter a room to begin.</p>}
      </main>
      <Announcer />
    </div>
  );
}
