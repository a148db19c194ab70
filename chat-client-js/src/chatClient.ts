import { ChatRoom } from './chatRoom.js';
import * as chat from './chatState.js';
import { BAD_TOKEN, TOKEN_EXPIRED } from './closeCodes.js';
import { Entrance } from './entrance.js';
import { defaultEnvironment, type Environment, type NetworkChange } from './environment.js';
import { ChatError, CLOSED } from './errors.js';
import { Histories } from './histories.js';
import { Inbox } from './inbox.js';
import { Link } from './link.js';
import { Listeners, type ChatEvents } from './listeners.js';
import { resolveOptions, type ChatClientOptions, type ResolvedOptions } from './options.js';
import { NOT_JOINED, type Outbox } from './outbox.js';
import { isJoinable } from './protocol.js';
import { Reads } from './reads.js';
import * as rooms from './roomState.js';
import { Sender } from './sender.js';
import { createStore, type Readable, type Store } from './store.js';
import { Tokens } from './tokens.js';

const TICK_MS = 1_000;

/**
 * A user of the chat: keeps a connection, comes back when it breaks, goes on in every room where it was, and sends again what
 * is not known to be stored.
 */
export class ChatClient {
  readonly #env: Environment;
  readonly #options: ResolvedOptions;
  readonly #store: Store<chat.ChatState>;
  readonly #tokens: Tokens;
  readonly #link: Link;
  readonly #sender: Sender;
  readonly #reads: Reads;
  readonly #entrance: Entrance;
  readonly #histories: Histories;
  readonly #listeners: Listeners;
  readonly #typedAt = new Map<string, number>();
  readonly #stops: (() => void)[] = [];
  #cancelTick: (() => void) | undefined;

  /** Does nothing yet: see {@link connect}. @throws {RangeError} when an option makes no sense. */
  constructor(options: ChatClientOptions) {
    this.#options = resolveOptions(options);
    const env = (this.#env = { ...defaultEnvironment(), ...options.environment });
    const report = (error: unknown): void => env.warn(`A listener threw: ${String(error)}`);
    this.#listeners = new Listeners(report);
    this.#store = createStore({ ...chat.INITIAL_STATE, outbox: this.#options.outbox }, report);
    this.#tokens = new Tokens(env, this.#options.token, this.#options.refreshBeforeMs);
    this.#link = new Link(env, this.#options, {
      token: (failures) => this.#tokens.forConnect(failures),
      onStatus: (status) => this.#statusChanged(status),
      onFrame: (frame) => inbox.receive(frame),
      // A token that was never taken may be from before the server's last start; one that was, and no longer is, ends it.
      onClosed: (code, welcomed) => (code === TOKEN_EXPIRED || (code === BAD_TOKEN && !welcomed)) && this.#tokens.refuse(),
    });
    const { send } = this.#link;
    this.#sender = new Sender(env, this.#options, this.#store, send);
    this.#reads = new Reads(this.#store);
    this.#entrance = new Entrance(env, this.#store, send, this.#options);
    this.#histories = new Histories(env, this.#store, send, this.#options.historyTimeoutMs);
    const inbox = new Inbox({
      store: this.#store,
      sender: this.#sender,
      reads: this.#reads,
      entrance: this.#entrance,
      histories: this.#histories,
      listeners: this.#listeners,
      now: env.now,
    });
  }

  /** All that the client knows, as one immutable value, and a call for every change of it. */
  get store(): Readable<chat.ChatState> {
    return this.#store;
  }

  get status(): chat.ConnectionStatus {
    return this.#store.get().status;
  }

  /** Who one is, by the node's word; undefined before the first connection. */
  get user(): string | undefined {
    return this.#store.get().user;
  }

  /** Connects now, and stays connected until {@link close}. While it waits to come back, or after it was closed for good: tries at once. */
  connect(): void {
    if (!this.#cancelTick) {
      this.#stops.push(this.#env.onNetwork((change) => this.#networkChanged(change)));
      this.#schedule();
    }
    if (this.status.state !== 'connected') this.#link.connect();
  }

  /** Ends the connection; whoever waits for a message to be stored, or for a room, gets a {@link ChatError}. */
  close(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    for (const stop of this.#stops.splice(0)) stop();
    this.#link.disconnect();
    this.#failAll(new ChatError(CLOSED, 'The client was closed.'));
  }

  /** Calls back at every event, until the returned function is called. */
  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /**
   * Enters a room, or gives the one already entered.
   * @returns Once the node has answered, be it after a reconnect.
   * @throws {ChatError} when it was refused, or the client was closed for good.
   */
  async join(name: string): Promise<ChatRoom> {
    const room = this.enter(name);
    if (room.state?.phase !== 'live') await this.#entrance.wait(name);
    return room;
  }

  /** The same for those who look at the room's state for the answer. @throws {ChatError} for a name that no room can have, or too many rooms. */
  enter(name: string): ChatRoom {
    const state = this.#store.get();
    if (!state.rooms.has(name)) {
      if (!isJoinable(name)) throw new ChatError('bad_room', 'A room name is 1 to 64 letters, digits, dashes, underscores or dots.', name);
      if (state.rooms.size >= state.limits.roomsMax) throw new ChatError('too_many_rooms', `You can be in ${state.limits.roomsMax} rooms. Leave one first.`, name);
      this.#store.update((now) => chat.addRoom(now, name, this.#options.messagesMax));
    }
    if (state.rooms.get(name)?.phase === 'refused') this.#entrance.again(name);
    else this.#entrance.joinWhereNeeded();
    return this.#room(name);
  }

  /** A room that was entered. */
  room(name: string): ChatRoom | undefined {
    return this.#store.get().rooms.has(name) ? this.#room(name) : undefined;
  }

  /** Goes on with what waited elsewhere, as `outbox` does at the start. What this client has already stays as it is. */
  takeUp(entries: Outbox): void {
    this.#sender.takeUp(entries);
  }

  /** One more try for a message that failed. */
  retry(id: string): void {
    this.#sender.retry(id);
  }

  /** Gives up a message that is not known to be stored. */
  discard(id: string): void {
    this.#sender.discard(id);
  }

  #room(name: string): ChatRoom {
    return new ChatRoom(
      {
        store: this.#store,
        enqueue: (room, text, id) => this.#enqueue(room, text, id ?? this.#env.newId()),
        outcome: (id) => this.#sender.outcome(id),
        markRead: (room, offset) => this.#reads.mark(room, offset),
        notifyTyping: (room) => this.#notifyTyping(room),
        history: (room, limit) => this.#histories.ask(room, limit),
        trim: (room, count) => this.#updateRoom(room, (now) => rooms.trim(now, count)),
        leave: (room) => this.#leave(room),
      },
      name,
    );
  }

  #enqueue(room: string, text: string, id: string): string {
    this.#typedAt.delete(room);
    if (!this.#store.get().rooms.has(room)) throw new ChatError(NOT_JOINED, 'The room was left.', room);
    return this.#sender.enqueue(room, text, id);
  }

  #notifyTyping(room: string): void {
    const now = this.#env.now();
    if (now - (this.#typedAt.get(room) ?? Number.NEGATIVE_INFINITY) < this.#options.typingPeriodMs) return;
    if (this.#store.get().rooms.get(room)?.phase !== 'live') return;
    this.#typedAt.set(room, now);
    this.#link.send({ type: 'typing', room });
  }

  #leave(room: string): void {
    const error = new ChatError(NOT_JOINED, 'The room was left before this was known to be stored.', room);
    this.#link.send({ type: 'leave', room });
    this.#entrance.left(room, error);
    this.#histories.failed(room, error.code, error.message);
    this.#sender.failAll(error, room);
    this.#store.update((state) => chat.leaveRoom(state, room));
    this.#typedAt.delete(room);
  }

  #statusChanged(status: chat.ConnectionStatus): void {
    if (status.state === 'connected') {
      this.#tokens.accepted();
      this.#entrance.reset();
      this.#sender.reset();
      this.#reads.reset();
    }
    this.#store.update((state) => chat.applyStatus(state, status));
    if (status.state !== 'connected') this.#histories.reset();
    if (status.state === 'closed' && status.reason !== undefined) this.#failAll(new ChatError(CLOSED, status.reason));
  }

  #failAll(error: ChatError): void {
    this.#entrance.failAll(error);
    this.#sender.failAll(error);
  }

  #networkChanged(change: NetworkChange): void {
    if (change === 'offline') this.#link.offline();
    else this.#link.wake();
    this.#tick();
  }

  /** What is due by the clock. Once a second is often enough for all of it. */
  #tick(): void {
    this.#store.update((state) => chat.tickTyping(state, this.#env.now()));
    this.#histories.expire();
    this.#sender.flushAll();
    if (this.#sender.late) this.#link.doubt();
    this.#entrance.joinWhereNeeded();
    this.#reads.tell(this.#link.send);
    if (this.status.state === 'connected') void this.#renew();
  }

  #schedule(): void {
    this.#cancelTick = this.#env.after(TICK_MS, () => {
      this.#tick();
      if (this.#cancelTick) this.#schedule();
    });
  }

  async #renew(): Promise<void> {
    const token = await this.#tokens.renewIfDue();
    if (token !== undefined) this.#link.send({ type: 'refresh', token });
  }

  #updateRoom(name: string, update: (room: rooms.RoomState) => rooms.RoomState): void {
    this.#store.update((state) => chat.withRoom(state, name, update));
  }
}
