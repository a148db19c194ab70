import {
  ChatClient, ChatError, createStore, directRoom, isRoomName,
  type ChatState, type Readable, type Store,
} from '@chat/client';
import { addressOf, roomIn } from './address';
import { attempt } from './attempt';
import { Attention } from './attention';
import { Directory } from './directory';
import type { PageEnvironment } from './environment';
import { exporterOf, Journeys } from './journeys';
import { Keeper } from './keeper';
import { sameNames, without } from './maps';
import { Navigation } from './navigation';
import { Nodes } from './nodes';
import { DRAW_EVERY_MS, isWorthSaving, KEPT_OUT_OF_VIEW, MESSAGES_MAX, newsOf, overgrown, OWN_INITIAL, secondsToRetry, type OwnState, type PageState } from './pageState';
import { forget, restore, saveState, type Saved } from './saved';
import { Session } from './session';
import { throttled } from './throttled';
import { TopologyWatch } from './topology';
import { Trouble } from './trouble';

/** The chat as a person uses it in a tab: who they are, where they look, what they typed. */
export class ChatPage {
  /** What is drawn: a burst of frames once per period. */
  readonly view: Readable<PageState>;
  readonly topology: TopologyWatch;
  /** What nodes are called here, and their colours. */
  readonly nodes = new Nodes();
  readonly journeys: Journeys;
  readonly keeper: Keeper;
  /** What there is around this page. */
  readonly around: Pick<PageEnvironment, 'dashboard' | 'site'>;
  readonly #env: PageEnvironment;
  readonly #session: Session;
  readonly #own: Store<OwnState>;
  readonly #all: Store<PageState>;
  readonly #attention: Attention;
  readonly #trouble: Trouble;
  readonly #directory: Directory;
  readonly #navigation: Navigation;
  #client: ChatClient;
  #before: ChatState;

  constructor(env: PageEnvironment) {
    const report = (error: unknown): void => env.warn(`A reader of the state threw: ${String(error)}`);
    this.#env = env;
    this.#session = new Session(env);
    this.#own = createStore(OWN_INITIAL, report);
    this.topology = new TopologyWatch(env, report);
    this.#trouble = new Trouble(env.after, (troubled) => this.#set({ troubled }));
    this.keeper = new Keeper(env, () => saveState(env, this.state, false));
    this.around = env;
    this.journeys = new Journeys(env, exporterOf(env));
    this.#attention = new Attention(this.#own, { active: () => this.#client.room(this.state.active ?? ''), visible: env.visible });
    this.#directory = new Directory(
      env,
      () => (this.state.status.state === 'connected' ? this.#session.token : undefined),
      (directory) => this.#own.update((own) => (sameNames(own.directory, directory) ? own : { ...own, directory })),
    );
    this.#navigation = new Navigation(env.address, {
      state: () => this.state, client: () => this.#client, enter: (room) => this.#enter(room), set: (changes) => this.#set(changes),
    });
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
      if (change === 'visible') this.#attention.mark();
      void this.#directory.read();
    });
    this.#env.address.onChange(() => this.#navigation.follow());
    this.#directory.watch();
    void this.#arrive();
  }


  /** @returns Why it was not possible, or undefined. */
  async signIn(user: string): Promise<string | undefined> {
    const problem = await this.#session.signIn(user);
    if (problem === undefined) this.#begin(user);
    return problem;
  }

  /** What is unsent goes with it: ask first. */
  signOut(): void {
    this.keeper.forget();
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
    const id = this.#env.newId();
    this.journeys.written(this.state.user ?? '', id, room);
    const problem = attempt(() => this.#client.room(room)?.enqueue(text, id));
    if (problem !== undefined) this.journeys.discarded(id);
    return problem;
  }

  retry(id: string): void {
    this.#client.retry(id);
  }

  discard(id: string): void {
    this.journeys.discarded(id);
    this.#client.discard(id);
  }

  /** Call at every keystroke. */
  write(room: string, text: string): void {
    this.#own.update((own) => ({ ...own, drafts: text === '' ? without(own.drafts, room) : new Map(own.drafts).set(room, text) }));
    if (text !== '') this.#client.room(room)?.notifyTyping();
  }

  loadEarlier(room: string): void {
    this.#client.room(room)?.history().catch((error: unknown) => {
      if (error instanceof ChatError && error.code !== 'unavailable') this.#set({ notice: error.message });
    });
  }

  /** Whether the newest messages of a room are in view. */
  setAtBottom(room: string, atBottom: boolean): void {
    this.#attention.setAtBottom(room, atBottom);
  }

  dismissNotice(): void {
    this.#set({ notice: undefined });
  }

  /** Shows a message's way, or no longer. @param offset Its place in the room one looks at. */
  inspect(offset: number | undefined): void {
    this.#set({ inspected: offset });
  }

  /** To the next try of a connection that was lost; undefined while there is nothing to wait for. */
  get retrySeconds(): number | undefined {
    return secondsToRetry(this.state.status, this.#env.now());
  }

  async #arrive(): Promise<void> {
    // Without a site there is a form, and whoever fills it in begins.
    if (this.#session.user === undefined && !this.#env.site) return;
    const problem = this.#session.user === undefined ? await this.#session.arrive() : undefined;
    if (this.#session.user !== undefined) this.#begin(this.#session.user);
    this.#set({ notice: problem ?? this.state.notice });
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
    this.#set({ active: name, view: 'room', inspected: undefined });
    if (roomIn(this.#env.address.get()) !== name) this.#env.address.push(addressOf(name));
    if (name === undefined) return;
    this.#attention.markNew(this.#client.room(name));
    this.setAtBottom(name, true);
  }

  /** A message that an address led to is in view. */
  found(): void {
    this.#set({ sought: undefined });
  }

  #begin(user: string): void {
    const saved = restore(this.#env, user);
    this.#replaceClient(saved?.outbox ?? []);
    for (const room of saved?.rooms ?? []) attempt(() => this.#client.enter(room));
    this.#own.update(() => ({ ...OWN_INITIAL, user, drafts: saved?.drafts ?? new Map<string, string>() }));
    this.keeper.begin(user, this.#client, (drafts) => this.#set({ drafts: new Map([...drafts, ...this.state.drafts]) }));
    this.#client.connect();
    const active = this.#client.room(saved?.active ?? '')?.name;
    if (active !== undefined && roomIn(this.#env.address.get()) === undefined) this.#show(active);
    this.#navigation.follow();
    if (this.state.active === undefined && active !== undefined) this.#show(active);
  }

  #end(notice: string | undefined): void {
    this.#session.signOut();
    this.keeper.end();
    this.#trouble.ends();
    this.#attention.reset();
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
    const client = new ChatClient({
      url: this.#env.url, token: this.#session.provide, environment: this.#env, outbox, messagesMax: MESSAGES_MAX, trace: true,
      traceparent: ({ id, room }) => this.journeys.goesOut(this.state.user ?? '', id, room),
    });
    client.on('error', ({ message }) => this.#set({ notice: message }));
    client.on('continuityLost', ({ room }) => this.#set({ notice: `Some messages in ${room} could not be recovered.` }));
    client.on('invited', ({ room }) => this.#set({ notice: attempt(() => client.enter(room)) ?? this.state.notice }));
    client.store.subscribe(() => {
      if (client === this.#client) this.#changed(client.store.get());
    });
    return client;
  }

  #changed(now: ChatState): void {
    const before = this.#before;
    this.#before = now;
    this.journeys.changed(before, now, this.state.active);
    if (this.state.storedInMs !== this.journeys.storedInMs) this.#set({ storedInMs: this.journeys.storedInMs });
    this.#merge();
    if (this.state.user === undefined) return;
    if (before.status.state !== now.status.state) this.#statusChanged(now);
    this.#speak(before, now);
    if (before.rooms === now.rooms) return;
    this.#attention.mark();
    for (const name of overgrown(now.rooms, this.state.active)) this.#client.room(name)?.trim(KEPT_OUT_OF_VIEW);
  }

  #statusChanged({ status }: ChatState): void {
    if (status.state === 'connected') {
      this.#trouble.ends();
      this.#set({ troubled: false });
      void this.#directory.read();
    } else if (status.state === 'closed' && this.#session.isOver(status.closeCode)) {
      this.#end(status.reason);
    } else if (!this.state.troubled) {
      this.#trouble.begins();
    }
  }

  #speak(before: ChatState, now: ChatState): void {
    const text = newsOf(before, now, this.state);
    if (text !== undefined) this.#own.update((own) => ({ ...own, spoken: { id: own.spoken.id + 1, text } }));
  }

  #merge(): void {
    const client = this.#client.store.get();
    const own = this.#own.get();
    this.#all.update((before) => {
      const merged: PageState = { ...client, ...own };
      this.keeper.changed(merged.outbox, merged.drafts);
      if (isWorthSaving(before, merged)) saveState(this.#env, merged, this.keeper.works);
      return merged;
    });
  }

  #set(changes: Partial<OwnState>): void {
    this.#own.update((own) => ({ ...own, ...changes }));
  }
}
