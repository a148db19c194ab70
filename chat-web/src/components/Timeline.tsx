import { unreadCount, type Message, type RoomState } from '@chat/client';
import { Fragment } from 'react';
import { readersOf, startsDay, startsGroup } from '../page/timeline';
import { useChat } from '../useChat';
import { MessageRow, OutboxRow } from './MessageRow';
import { useTimelineScroll } from './useTimelineScroll';

/** What has been said in a room, and what of one's own is still on its way. */
export function Timeline({ room }: { readonly room: RoomState }) {
  const user = useChat((state) => state.user) ?? '';
  const outbox = useChat((state) => state.outbox);
  const { scroller, window, following, onScroll, showEarlier, toNewest } = useTimelineScroll(room);
  const waiting = outbox.filter((entry) => entry.room === room.name);
  const newestOwn = window.rows.findLast((message) => message.author === user);
  const newFrom = useChat((state) => state.newFrom.get(room.name));
  const inspected = useChat((state) => state.inspected);
  const unread = unreadCount(room, user);
  const full = room.messages.length >= room.messagesMax;

  // A button that goes takes the keyboard with it: to where it belongs, not to the top of the page.
  function focusMessages(): void {
    scroller.current?.focus({ preventScroll: true });
  }

  function backToNewest(): void {
    toNewest();
    focusMessages();
  }

  return (
    <div className="timeline-frame">
      {/* What scrolls must be within reach of a keyboard. */}
      <section className="timeline" ref={scroller} onScroll={onScroll} aria-label={`Messages in ${room.name}`} tabIndex={0}>
        <div className="timeline-top">
          {((room.more && !full) || window.hiddenOlder > 0) && (
            <button type="button" className="button small" data-testid="load-earlier" onClick={showEarlier} disabled={room.loadingHistory}>
              {room.loadingHistory ? 'Loading…' : 'Load earlier'}
            </button>
          )}
          {room.more && full && window.hiddenOlder === 0 && <p className="muted">This page holds no more than {room.messagesMax} messages.</p>}
          {room.phase === 'joining' && !room.last && <p className="muted">Entering the room…</p>}
          {room.last && !room.more && window.hiddenOlder === 0 && !room.break && (
            <p className="muted">{room.messages.length === 0 && waiting.length === 0 ? 'Nothing has been said here yet.' : 'This is where it begins.'}</p>
          )}
        </div>
        <ol className="messages">
          {window.rows.map((message, index) => (
            <Fragment key={`${message.position.epoch}/${message.position.offset}`}>
              {startsDay(window.rows[index - 1], message) && <DayLine sentAt={message.sentAt} />}
              {room.break?.at === message.position.offset && <BreakLine />}
              {newFrom === message.position.offset && <NewLine />}
              <MessageRow
                message={message}
                own={message.author === user}
                head={startsGroup(window.rows[index - 1], message)}
                reachable={index === window.rows.length - 1}
                inspected={message.position.offset === inspected}
                seenBy={message === newestOwn ? seenBy(room, message) : undefined}
              />
            </Fragment>
          ))}
          {window.hiddenNewer === 0 && room.break && room.last && room.break.at > room.last.offset && <BreakLine />}
          {window.hiddenNewer === 0 && waiting.map((entry) => <OutboxRow key={entry.id} entry={entry} author={user} onDone={focusMessages} />)}
        </ol>
      </section>
      {!following && (
        <button type="button" className="button to-newest" onClick={backToNewest}>
          ↓ {unread > 0 ? `${unread} new` : 'Newest'}
        </button>
      )}
    </div>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

function DayLine({ sentAt }: { readonly sentAt: string }) {
  const time = Date.parse(sentAt);
  if (Number.isNaN(time)) return null;
  return <li className="day"><span>{DAY.format(time)}</span></li>;
}

function NewLine() {
  return <li className="new-line" data-testid="new-line"><span>New messages</span></li>;
}

function BreakLine() {
  return (
    <li className="break" data-testid="unrecovered">
      <span>Some history could not be recovered here</span>
    </li>
  );
}

function seenBy(room: RoomState, message: Message): string | undefined {
  const readers = readersOf(room, message);
  if (readers.length === 0) return undefined;
  return readers.length > 3 ? `Seen by ${readers.length}` : `Seen by ${readers.join(', ')}`;
}
