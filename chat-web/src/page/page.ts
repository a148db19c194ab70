import {
  ChatClient, ChatError, createStore, directRoom, isRoomName, unreadCount,
  type ChatRoom, type ChatState, type Readable, type Store,
} from '@chat/client';
import { addressOf, isDirectRoomOf, roomIn } from './address';
import { attempt } from './attempt';
import { Directory } from './directory';
import type { PageEnvironment } from './environment';
import { sameNames, without } from './maps';
import { Hues } from './nodes';
import { isWorthSaving, KEPT_OUT_OF_VIEW, newsOf, overgrown, OWN_INITIAL, type OwnState, type PageState } from './pageState';
import { forget, restore, save, type Saved } from './saved';
import { Session } from './session';
import { throttled } from './throttled';

/** Twenty times a second looks live, and leaves time for everything else. */
const DRAW_EVERY_MS = 50;
/** A shorter interruption is nobody's business. */
const TROUBLED_AFTER_MS = 2_000;
/** Of the room one looks at; no more than 300 of them are drawn at a time. */
const MESSAGES_MAX = 50_000;
const BAD_TOKEN = 4500;
const NOT_REACHED = 'The server cannot be reached. Try again in a moment.';

/** The chat as a person uses it in a tab: who they are, where they look, what they typed. */
export class ChatPage {
  /** What is drawn: a burst of frames once per period. */
  readonly view: Readable<PageState>;
  readonly #env: PageEnvironment;
  readonly #session: Session;
  readonly #own: Store<OwnState>;
  readonly #all: Store<PageState>;
  readonly #hues = new Hues();
  readonly #directory: Directory;
  #client: ChatClient;
  #before: ChatState;
  /** The room whose newest messages are in view. */
  #inView: string | undefined;
  #cancelTrouble: (() => void) | undefined;

  constructor(env: PageEnvironment) {
    const report = (error: unknown): void => env.warn(`A reader of the state threw: ${String(error)}`);
    this.#env = env;
    this.#session = new Session(env);
    this.#own = createStore(OWN_INITIAL, report);
    this.#directory = new Directory(
      env,
      () => (this.state.status.state === 'connected' ? this.#session.token : undefined),
      (directory) => this.#own.update((own) => (sameNames(own.directory, directory) ? own : { ...own, directory })),
    );
    this.#client = this.#newClient([]);
    this.#before = this.#client.store.get();
    this.#all = createStore<PageState>({ ...this.#before, ...OWN_INITIAL }, report);
    this.#own.subscribe(() => this.#merge());
    this.view = throttled(this.#all, DRAW_EVERY_MS, env.after);
  }

  /** The same as `view`, of this very moment. */
  get state(): PageState {
    return this.#all.get();
  }

  /** Goes on as whoever this tab was before a reload. */
  start(): void {
    this.#env.onNetwork((change) => {
      if (change === 'visible') this.#mark();
      void this.#directory.read();
    });
    this.#env.address.onChange(() => this.#follow());
    this.#directory.watch();
    const { user } = this.#session;
    if (user !== undefined) this.#begin(user);
  }

  /** @returns Why it was not possible, or undefined. */
  async signIn(user: string): Promise<string | undefined> {
    try {
      await this.#session.signIn(user);
    } catch (error) {
      return error instanceof ChatError ? error.message : NOT_REACHED;
    }
    this.#begin(user);
    return undefined;
  }

  /** What is unsent goes with it: ask first. */
  signOut(): void {
    this.#end(undefined);
    forget(this.#env);
    this.#env.address.push(addressOf(undefined));
  }

  /** After the server asked not to come back, or instead of waiting. */
  reconnect(): void {
    this.#client.connect();
  }

  /** @returns Why it was not possible, or undefined. */
  enter(room: string): string | undefined {
    if (!this.state.rooms.has(room) && !isRoomName(room)) return 'A room name is 1 to 64 letters, digits, dashes, underscores or dots.';
    return this.#enter(room);
  }

  /** Opens the direct room with somebody; the server invites them. @returns Why it was not possible, or undefined. */
  enterDirect(other: string): string | undefined {
    const { user } = this.state;
    return user === undefined || user === other ? undefined : this.#enter(directRoom(user, other));
  }

  /** What is unsent in the room goes with it: ask first. */
  leave(name: string): void {
    const others = [...this.state.rooms.keys()].filter((room) => room !== name);
    this.#client.room(name)?.leave();
    this.#own.update((own) => ({ ...own, drafts: without(own.drafts, name), newFrom: without(own.newFrom, name) }));
    if (this.state.active === name) this.#show(others.at(-1));
  }

  /** @returns Why the text cannot be sent, or undefined when it is on its way. */
  send(room: string, text: string): string | undefined {
    return attempt(() => this.#client.room(room)?.enqueue(text));
  }

  retry(id: string): void {
    this.#client.retry(id);
  }

  discard(id: string): void {
    this.#client.discard(id);
  }

  /** Call at every keystroke. */
  write(room: string, text: string): void {
    this.#own.update((own) => ({ ...own, drafts: text === '' ? without(own.drafts, room) : new Map(own.drafts).set(room, text) }));
    if (text !== '') this.#client.room(room)?.notifyTyping();
  }

  loadEarlier(room: string): void {
    this.#client.room(room)?.history().catch((error: unknown) => {
      if (error instanceof ChatError && error.code !== 'unavailable') this.#notice(error.message);
    });
  }

  /** Whether the newest messages of a room are in view. */
  setAtBottom(room: string, atBottom: boolean): void {
    if (atBottom) this.#inView = room;
    else if (this.#inView === room) this.#inView = undefined;
    this.#mark();
  }

  dismissNotice(): void {
    this.#notice(undefined);
  }

  /** The colour of a node; the same as long as the page lives. */
  hueOf(node: string): number {
    return this.#hues.of(node);
  }

  #enter(name: string): string | undefined {
    const problem = attempt(() => this.#client.enter(name));
    if (problem === undefined) this.#show(name);
    return problem;
  }

  /** Turns to a room. The one turned away from keeps only what may be wanted soon. */
  #show(name: string | undefined): void {
    const { active, newFrom } = this.state;
    if (active !== undefined && active !== name) {
      this.#client.room(active)?.trim(KEPT_OUT_OF_VIEW);
      this.#own.update((own) => ({ ...own, newFrom: without(newFrom, active) }));
    }
    this.#own.update((own) => ({ ...own, active: name }));
    if (roomIn(this.#env.address.get()) !== name) this.#env.address.push(addressOf(name));
    if (name === undefined) return;
    this.#markNew(this.#client.room(name));
    this.setAtBottom(name, true);
  }

  /** Remembers where the unread messages begin, before they count as read. */
  #markNew(room: ChatRoom | undefined): void {
    const { user, newFrom } = this.state;
    if (user === undefined || !room?.state?.last) return;
    const unread = unreadCount(room.state, user);
    const begin = room.state.last.offset - unread + 1;
    if (unread === 0 || (newFrom.get(room.name) ?? -1) >= begin) return;
    this.#own.update((own) => ({ ...own, newFrom: new Map(own.newFrom).set(room.name, begin) }));
  }

  /** The person went back, or followed a link. */
  #follow(): void {
    const { user, active, rooms } = this.state;
    const name = roomIn(this.#env.address.get());
    if (user === undefined || name === undefined || name === active) return;
    if (!rooms.has(name) && !isRoomName(name) && !isDirectRoomOf(user, name)) return;
    this.#notice(this.#enter(name) ?? this.state.notice);
  }

  #begin(user: string): void {
    const saved = restore(this.#env, user);
    this.#replaceClient(saved?.outbox ?? []);
    for (const room of saved?.rooms ?? []) attempt(() => this.#client.enter(room));
    this.#own.update(() => ({ ...OWN_INITIAL, user, drafts: saved?.drafts ?? new Map<string, string>() }));
    this.#client.connect();
    const active = saved?.active;
    if (active !== undefined && this.#client.room(active) && roomIn(this.#env.address.get()) === undefined) this.#show(active);
    this.#follow();
    if (this.state.active === undefined && active !== undefined && this.#client.room(active)) this.#show(active);
  }

  #end(notice: string | undefined): void {
    this.#session.signOut();
    this.#cancelTrouble?.();
    this.#cancelTrouble = undefined;
    this.#inView = undefined;
    this.#own.update(() => ({ ...OWN_INITIAL, notice }));
    this.#replaceClient([]);
  }

  #replaceClient(outbox: Saved['outbox']): void {
    this.#client.close();
    this.#client = this.#newClient(outbox);
    this.#before = this.#client.store.get();
    this.#merge();
  }

  #newClient(outbox: Saved['outbox']): ChatClient {
    const client = new ChatClient({ url: this.#env.url, token: this.#session.provide, environment: this.#env, outbox, messagesMax: MESSAGES_MAX });
    client.on('error', ({ message }) => this.#notice(message));
    client.on('continuityLost', ({ room }) => this.#notice(`Some messages in ${room} could not be recovered.`));
    client.on('invited', ({ room }) => this.#notice(attempt(() => client.enter(room)) ?? this.state.notice));
    client.store.subscribe(() => {
      if (client === this.#client) this.#changed(client.store.get());
    });
    return client;
  }

  #changed(now: ChatState): void {
    const before = this.#before;
    this.#before = now;
    this.#merge();
    if (this.state.user === undefined) return;
    if (before.status.state !== now.status.state) this.#statusChanged(now);
    this.#speak(before, now);
    if (before.rooms === now.rooms) return;
    this.#mark();
    for (const name of overgrown(now.rooms, this.state.active)) this.#client.room(name)?.trim(KEPT_OUT_OF_VIEW);
  }

  #statusChanged({ status }: ChatState): void {
    if (status.state === 'connected') {
      this.#cancelTrouble?.();
      this.#cancelTrouble = undefined;
      this.#own.update((own) => ({ ...own, troubled: false }));
      void this.#directory.read();
    } else if (status.state === 'closed' && status.closeCode === BAD_TOKEN) {
      this.#end(status.reason);
    } else if (!this.state.troubled) {
      this.#cancelTrouble ??= this.#env.after(TROUBLED_AFTER_MS, () => this.#own.update((own) => ({ ...own, troubled: true })));
    }
  }

  #speak(before: ChatState, now: ChatState): void {
    const text = newsOf(before, now, this.state);
    if (text !== undefined) this.#own.update((own) => ({ ...own, spoken: { id: own.spoken.id + 1, text } }));
  }

  /** Reads on, if somebody is looking. */
  #mark(): void {
    const { active } = this.state;
    const room = this.#client.room(active ?? '');
    if (!room?.last) return;
    if (active === this.#inView && this.#env.visible()) room.markRead(room.last.offset);
    else this.#markNew(room);
  }

  #merge(): void {
    const client = this.#client.store.get();
    const own = this.#own.get();
    this.#all.update((before) => {
      const merged: PageState = { ...client, ...own };
      if (isWorthSaving(before, merged)) this.#save(merged);
      return merged;
    });
  }

  #save({ user, rooms, active, outbox, drafts }: PageState): void {
    if (user === undefined) return;
    save(this.#env, { user, rooms: [...rooms.keys()], active, outbox, drafts });
  }

  #notice(notice: string | undefined): void {
    this.#own.update((own) => ({ ...own, notice }));
  }
}
