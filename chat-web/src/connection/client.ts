import type { HelloFrame, ServerFrame } from '../frames';
import { directRoom, isRoomName } from '../protocol';
import * as chat from '../state/chat';
import { settleAcked } from '../state/outbox';
import * as rooms from '../state/room';
import { createStore, throttled, type Readable, type Store } from '../store';
import { BAD_TOKEN, TOKEN_EXPIRED, verdictOn } from './closeCodes';
import { Credentials } from './credentials';
import { ApiError, type Environment } from './environment';
import { Joins } from './joins';
import { Link } from './link';
import { forget, restore, saveWhenChanged } from './persistence';
import { Reads } from './reads';
import { Sender } from './sender';

/** Twenty times a second looks live, and leaves time for everything else. */
const DRAW_EVERY_MS = 50;
const TICK_MS = 1_000;
const TYPING_EVERY_MS = 3_000;
export const HISTORY_PAGE = 50;

/** The chat as a person uses it: turns frames and wishes into states of the store. */
export class ChatClient {
  readonly store: Store<chat.ChatState> = createStore(chat.INITIAL_STATE);
  /** The same for drawing: a burst of frames is drawn once per period. */
  readonly view: Readable<chat.ChatState>;
  readonly #env: Environment;
  readonly #credentials: Credentials;
  readonly #link: Link;
  readonly #sender: Sender;
  readonly #joins = new Joins();
  readonly #reads: Reads;
  #typingSentAt = Number.NEGATIVE_INFINITY;
  #cancelTick: () => void = () => {};

  constructor(env: Environment) {
    this.#env = env;
    this.view = throttled(this.store, DRAW_EVERY_MS, env.after);
    this.#credentials = new Credentials(env);
    this.#link = new Link(env, {
      token: (failures) => this.#credentials.token(failures),
      onState: (state) => this.#connectionChanged(state),
      onFrame: (frame) => this.#receive(frame),
      onClosed: (code) => this.#closed(code),
    });
    this.#sender = new Sender(env, this.store, (frame) => this.#link.send(frame));
    this.#reads = new Reads(env, this.store);
  }

  /** Goes on as whoever this tab was before a reload. */
  start(): void {
    saveWhenChanged(this.store, this.#env.storage);
    this.#env.onWake(() => {
      this.#link.wake();
      this.#tick();
    });
    if (this.#credentials.user !== undefined) this.#begin(this.#credentials.user);
  }

  /** @returns Why it was not possible, or undefined. */
  async signIn(user: string): Promise<string | undefined> {
    try {
      await this.#credentials.signIn(user);
    } catch (error) {
      return error instanceof ApiError ? error.message : 'The server cannot be reached. Try again in a moment.';
    }
    this.#begin(user);
    return undefined;
  }

  signOut(): void {
    this.#end(undefined);
    forget(this.#env.storage);
  }

  /** After the server asked not to come back, or instead of waiting. */
  reconnect(): void {
    this.#link.connect();
  }

  /** @returns Why it was not possible, or undefined. */
  enter(room: string): string | undefined {
    if (!this.store.get().rooms.has(room) && !isRoomName(room)) return 'A room name is 1 to 64 letters, digits, dashes, underscores or dots.';
    return this.#enter(room);
  }

  /** Opens the direct room with somebody; the server invites them.
   * @returns Why it was not possible, or undefined. */
  enterDirect(other: string): string | undefined {
    const { user } = this.store.get();
    return user === undefined || user === other ? undefined : this.#enter(directRoom(user, other));
  }

  #enter(room: string): string | undefined {
    const state = this.store.get();
    const known = state.rooms.has(room);
    if (!known && state.rooms.size >= state.limits.roomsMax) return `You can be in ${state.limits.roomsMax} rooms. Leave one first.`;
    this.store.update((now) => chat.enterRoom(now, room));
    this.#joins.forget(room);
    this.#joinWhereNeeded();
    this.#reads.setInView(room, true);
    return undefined;
  }

  leave(room: string): void {
    this.#link.send({ type: 'leave', room });
    this.#joins.forget(room);
    this.store.update((state) => chat.leaveRoom(state, room));
  }

  /** @returns Why the text cannot be sent, or undefined when it is on its way. */
  send(room: string, text: string): string | undefined {
    this.#typingSentAt = Number.NEGATIVE_INFINITY;
    return this.#sender.enqueue(room, text);
  }

  retry(id: string): void {
    this.#sender.retry(id);
  }

  discard(id: string): void {
    this.#sender.discard(id);
  }

  /** Call at every keystroke. */
  typing(room: string): void {
    const now = this.#env.now();
    if (now - this.#typingSentAt < TYPING_EVERY_MS || this.store.get().rooms.get(room)?.phase !== 'live') return;
    this.#typingSentAt = now;
    this.#link.send({ type: 'typing', room });
  }

  loadEarlier(name: string): void {
    const room = this.store.get().rooms.get(name);
    const before = room && rooms.firstOffset(room);
    if (!room || before === undefined || !room.more || room.loadingHistory) return;
    if (!this.#link.send({ type: 'history', room: name, before, limit: HISTORY_PAGE })) return;
    this.#updateRoom(name, (state) => ({ ...state, loadingHistory: true }));
  }

  /** Whether the newest messages of a room are in view. */
  setAtBottom(room: string, atBottom: boolean): void {
    this.#reads.setInView(room, atBottom);
  }

  dismissNotice(): void {
    this.#notice(undefined);
  }

  #begin(user: string): void {
    const saved = restore(this.#env.storage, user);
    const entered = (saved?.rooms ?? []).reduce(chat.addRoom, chat.INITIAL_STATE);
    const active = saved?.active !== undefined && entered.rooms.has(saved.active) ? saved.active : undefined;
    this.store.update(() => ({ ...entered, user, active, outbox: saved?.outbox ?? [] }));
    if (active !== undefined) this.#reads.setInView(active, true);
    this.#link.connect();
    this.#schedule();
  }

  #end(notice: string | undefined): void {
    this.#cancelTick();
    this.#credentials.signOut();
    this.#link.disconnect();
    this.store.update(() => ({ ...chat.INITIAL_STATE, notice }));
  }

  #connectionChanged(connection: chat.ConnectionState): void {
    if (connection.phase === 'open') {
      this.#joins.reset();
      this.#sender.reset();
      this.#reads.reset();
    }
    this.store.update((state) => chat.applyConnection(state, connection));
  }

  #closed(code: number): void {
    if (code === TOKEN_EXPIRED) this.#credentials.distrust();
    if (code === BAD_TOKEN) this.#end(verdictOn(code).reason);
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        return this.#welcome(frame);
      case 'joined':
        this.#reads.joined(frame);
        this.store.update((state) => chat.receiveJoined(state, frame));
        this.#sender.flush(frame.room);
        return this.#afterRoomChange();
      case 'message':
        this.store.update((state) => chat.receiveMessage(state, frame.message));
        this.#sender.flush(frame.message.room);
        return this.#afterRoomChange();
      case 'history':
        return this.store.update((state) => chat.receiveHistory(state, frame.room, frame.messages, frame.more));
      case 'ack':
        this.#sender.acked(frame.id, frame.position);
        return this.#settleAcked(frame.room);
      case 'nack':
        return this.#sender.nacked(frame);
      case 'presence':
        return this.#updateRoom(frame.room, (room) => rooms.applyPresence(room, frame));
      case 'typing':
        if (frame.user === this.store.get().user) return;
        return this.#updateRoom(frame.room, (room) => rooms.applyTyping(room, frame.user, this.#env.now()));
      case 'read':
        return this.#updateRoom(frame.room, (room) => rooms.applyRead(room, frame.user, frame.offset));
      case 'invite':
        this.store.update((state) => chat.addRoom(state, frame.room));
        return this.#joinWhereNeeded();
      case 'status':
        return this.store.update((state) => ({ ...state, degraded: frame.degraded }));
      case 'error':
        return this.#refused(frame.code, frame.message);
      case 'drain':
      case 'ping':
        return; // The link's own.
    }
  }

  #welcome(hello: HelloFrame): void {
    this.store.update((state) => chat.applyHello(state, hello));
    this.#joinWhereNeeded();
    void this.#readDirectory();
  }

  /** An older node may not know every frame; that is no news for a person. */
  #refused(code: string, message: string): void {
    if (code.startsWith('unknown')) this.#env.warn(`The node does not know a frame: ${code}`);
    else this.#notice(message);
  }

  #afterRoomChange(): void {
    this.#joinWhereNeeded();
    this.#reads.mark();
  }

  #joinWhereNeeded(): void {
    const state = this.store.get();
    if (state.connection.phase !== 'open') return;
    for (const room of state.rooms.values()) {
      if (!this.#joins.claim(room, this.#env.now())) continue;
      this.#link.send({ type: 'join', room: room.name, ...(room.last && { after: room.last }) });
    }
  }

  #settleAcked(name: string): void {
    const last = this.store.get().rooms.get(name)?.last;
    if (last) this.store.update((state) => ({ ...state, outbox: settleAcked(state.outbox, name, last) }));
  }

  /** What is due by the clock. Once a second is often enough for all of it. */
  #tick(): void {
    const state = this.store.get();
    if (state.user === undefined) return;
    this.store.update((now) => chat.tickTyping(now, this.#env.now()));
    this.#sender.flushAll();
    this.#joinWhereNeeded();
    this.#reads.mark();
    this.#reads.tell((frame) => this.#link.send(frame));
    if (state.connection.phase === 'open') void this.#renew();
  }

  #schedule(): void {
    this.#cancelTick();
    this.#cancelTick = this.#env.after(TICK_MS, () => {
      this.#tick();
      this.#schedule();
    });
  }

  async #renew(): Promise<void> {
    const token = await this.#credentials.renewIfDue();
    if (token !== undefined) this.#link.send({ type: 'refresh', token });
  }

  async #readDirectory(): Promise<void> {
    const token = this.#credentials.current;
    if (token === undefined) return;
    try {
      const directory = await this.#env.api.rooms(token);
      this.store.update((state) => (state.user === undefined ? state : { ...state, directory }));
    } catch {
      // The list is a convenience: a name can be typed, and the next connection asks again.
    }
  }

  #updateRoom(name: string, update: (room: rooms.RoomState) => rooms.RoomState): void {
    this.store.update((state) => chat.withRoom(state, name, update));
  }

  #notice(notice: string | undefined): void {
    this.store.update((state) => ({ ...state, notice }));
  }
}
