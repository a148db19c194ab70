import * as chat from './chatState.js';
import type { Entrance } from './entrance.js';
import { ChatError } from './errors.js';
import type { ErrorFrame, HelloFrame, JoinedFrame, NackFrame, ServerFrame } from './frames.js';
import type { Histories } from './histories.js';
import type { Listeners } from './listeners.js';
import { NOT_JOINED, settleAcked } from './outbox.js';
import type { Reads } from './reads.js';
import * as rooms from './roomState.js';
import type { Sender } from './sender.js';
import type { Store } from './store.js';

/** Who has to know what. */
export interface Recipients {
  readonly store: Store<chat.ChatState>;
  readonly sender: Sender;
  readonly reads: Reads;
  readonly entrance: Entrance;
  readonly histories: Histories;
  readonly listeners: Listeners;
  readonly now: () => number;
}

/** What each frame from the node means. */
export class Inbox {
  readonly #to: Recipients;

  constructor(to: Recipients) {
    this.#to = to;
  }

  receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        return this.#welcome(frame);
      case 'joined':
        return this.#joined(frame);
      case 'message':
        this.#tellOwn(frame.message.room, [frame.message]);
        this.#to.store.update((state) => chat.receiveMessage(state, frame.message));
        this.#to.sender.flush(frame.message.room);
        return this.#to.entrance.joinWhereNeeded();
      case 'history':
        return this.#to.histories.arrived(frame.room, frame.messages, frame.more);
      case 'ack':
        this.#to.sender.acked(frame.id, frame.position);
        return this.#settleAcked(frame.room, frame.position.epoch);
      case 'nack':
        return this.#nacked(frame);
      case 'presence':
        return this.#updateRoom(frame.room, (room) => rooms.applyPresence(room, frame));
      case 'typing':
        if (frame.user === this.#user) return;
        return this.#updateRoom(frame.room, (room) => rooms.applyTyping(room, frame.user, this.#to.now()));
      case 'read':
        if (frame.user === this.#user) this.#to.reads.heard(frame.room, frame.offset);
        return this.#updateRoom(frame.room, (room) => rooms.applyRead(room, frame.user, frame.offset));
      case 'invite':
        return this.#to.listeners.tell('invited', { room: frame.room, from: frame.from });
      case 'status':
        this.#to.store.update((state) => ({ ...state, degraded: frame.degraded }));
        return frame.degraded ? undefined : this.#to.entrance.hurry();
      case 'error':
        return this.#refused(frame);
      case 'drain':
      case 'ping':
        return; // The link's own.
    }
  }

  #welcome(hello: HelloFrame): void {
    this.#to.store.update((state) => chat.applyHello(state, hello));
    this.#to.entrance.joinWhereNeeded();
  }

  #joined(frame: JoinedFrame): void {
    const before = this.#to.store.get().rooms.get(frame.room);
    this.#to.histories.failed(frame.room, 'unavailable', 'The room was joined again meanwhile.');
    this.#to.reads.joined(frame);
    this.#tellOwn(frame.room, frame.messages);
    this.#to.store.update((state) => chat.receiveJoined(state, frame));
    const after = this.#to.store.get().rooms.get(frame.room);
    if (!before || !after) return;
    this.#to.entrance.joined(frame.room);
    if (before.last && after.last && after.break && after.break !== before.break) {
      this.#to.listeners.tell('continuityLost', { room: frame.room, from: before.last, to: after.last });
    }
    this.#to.sender.flush(frame.room);
    this.#to.entrance.joinWhereNeeded();
  }

  /** Its own copy answers a send as well as an ack does. */
  #tellOwn(room: string, messages: JoinedFrame['messages']): void {
    const { outbox, user } = this.#to.store.get();
    for (const { id } of outbox) {
      const own = messages.find((message) => message.id === id && message.author === user && message.room === room);
      if (own) this.#to.sender.stored(id, own.position);
    }
  }

  #nacked(frame: NackFrame): void {
    const room = this.#to.store.get().outbox.find(({ id }) => id === frame.id)?.room;
    if (frame.code === NOT_JOINED && room !== undefined) this.#to.entrance.again(room);
    this.#to.sender.nacked(frame);
  }

  /** What a refusal without an id is about follows from the room it names and from what was asked there. */
  #refused(frame: ErrorFrame): void {
    // An older node may not know every frame, and none knows a probe.
    if (frame.code === 'unknown_type') return;
    const room = frame.room === undefined ? undefined : this.#to.store.get().rooms.get(frame.room);
    if (room && frame.code === NOT_JOINED) {
      this.#to.histories.failed(room.name, frame.code, frame.message);
      if (room.phase === 'live') this.#to.entrance.again(room.name);
    } else if (room?.phase === 'joining') {
      this.#to.entrance.refused(room.name, frame);
    } else if (!room || !this.#to.histories.failed(room.name, frame.code, frame.message)) {
      this.#to.listeners.tell('error', new ChatError(frame.code, frame.message, frame.room));
    }
  }

  /** An ack in another epoch waits for the `joined` of that epoch. */
  #settleAcked(name: string, epoch: string): void {
    const last = this.#to.store.get().rooms.get(name)?.last;
    if (last?.epoch === epoch) this.#to.store.update((state) => ({ ...state, outbox: settleAcked(state.outbox, name, last) }));
  }

  get #user(): string | undefined {
    return this.#to.store.get().user;
  }

  #updateRoom(name: string, update: (room: rooms.RoomState) => rooms.RoomState): void {
    this.#to.store.update((state) => chat.withRoom(state, name, update));
  }
}
