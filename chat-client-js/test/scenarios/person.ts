import { ChatClient } from '../../src/chatClient.js';
import type { ChatRoom } from '../../src/chatRoom.js';
import type { ChatState } from '../../src/chatState.js';
import { ChatError } from '../../src/errors.js';
import { keep, restoreKept } from '../../src/keeping.js';
import type { ScenarioWorld } from './life.js';
import { roomOf, type Fields } from './template.js';

type Outcome = 'pending' | 'done' | { readonly code: string };

/** A person with a client: what they do, and what they see. What waits is kept as an application would keep it. */
export class Person {
  readonly #client: ChatClient;
  readonly #end: () => void;
  readonly #joins = new Map<string, Outcome>();
  readonly #invited: string[] = [];
  readonly #lost = new Set<string>();
  #history: readonly number[] | string | null = null;

  constructor(world: ScenarioWorld) {
    const { environment, end } = world.life();
    const clocks = { now: environment.now, wallNow: () => world.wallNow };
    this.#end = end;
    this.#client = new ChatClient(world.options({ environment, outbox: restoreKept([...world.kept.values()], clocks) }));
    this.#client.on('invited', ({ room }) => this.#invited.push(room));
    this.#client.on('continuityLost', ({ room }) => this.#lost.add(room));
    let before = this.#client.store.get().outbox;
    this.#client.store.subscribe(() => {
      const { outbox } = this.#client.store.get();
      if (outbox === before) return;
      before = outbox;
      if (world.storageThrows) throw new Error('No space left on device.');
      world.kept.clear();
      for (const entry of outbox) world.kept.set(entry.id, keep(entry, clocks));
    });
  }

  do(deed: string, step: Fields): void {
    const name = roomOf(step);
    switch (deed) {
      case 'start':
        return this.#client.connect();
      case 'stop':
        return this.#client.close();
      case 'join':
        return this.#join(name);
      case 'leave':
        return this.#room(name).leave();
      case 'send':
        return this.#send(this.#room(name), step);
      case 'read':
        return this.#room(name).markRead(Number(step['offset'] ?? this.#room(name).last?.offset));
      case 'type':
        return this.#room(name).notifyTyping();
      case 'history':
        return this.#read(this.#room(name), Number(step['before']));
      default:
        throw new Error(`Nobody can do "${deed}".`);
    }
  }

  /** Everything that can be asked for of a room. */
  see(name: string): Fields {
    const state = this.#client.store.get();
    const room = state.rooms.get(name);
    const messages = room?.messages.slice(0) ?? [];
    const join = this.#joins.get(name);
    const texts = (wanted: string): readonly string[] => state.outbox.filter(({ delivery }) => delivery.state === wanted).map(({ text }) => text);
    return {
      room: name,
      texts: messages.map(({ text }) => text),
      offsets: messages.map(({ position }) => position.offset),
      lost: this.#lost.has(name),
      joined: join === 'done',
      refused: typeof join === 'object' ? join.code : null,
      unread: this.#client.room(name)?.unread,
      members: [...(room?.presence.members ?? [])].toSorted(),
      typing: [...(room?.typing.keys() ?? [])],
      pending: texts('pending'),
      failed: texts('failed'),
      history: this.#history,
      invited: this.#invited,
      degraded: state.degraded,
      status: statusName(state),
    };
  }

  /** As after kill -9: it gets no chance to say or keep anything. */
  kill(): void {
    this.#end();
  }

  #join(name: string): void {
    this.#joins.set(name, 'pending');
    this.#client.join(name).then(
      () => this.#joins.set(name, 'done'),
      (error: unknown) => this.#joins.set(name, { code: codeOf(error) }),
    );
  }

  /** What is wrong from the start never waits. */
  #send(room: ChatRoom, step: Fields): void {
    const text = step['bytes'] === undefined ? String(step['text']) : 'x'.repeat(Number(step['bytes']));
    try {
      room.enqueue(text);
    } catch (error) {
      codeOf(error);
    }
  }

  /** This client's pages end where what it holds begins: the scenarios ask for the same. */
  #read(room: ChatRoom, before: number): void {
    const first = room.state?.messages.at(0)?.position.offset;
    if (first !== before) throw new Error(`The oldest message held is ${first}, not ${before}.`);
    this.#history = null;
    room.history().then(
      (page) => { this.#history = page.map(({ position }) => position.offset); },
      (error: unknown) => { this.#history = codeOf(error); },
    );
  }

  #room(name: string): ChatRoom {
    const room = this.#client.room(name);
    if (!room) throw new Error(`Not in ${name}.`);
    return room;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ChatError) return error.code;
  throw error;
}

function statusName({ status }: ChatState): string {
  if (status.state !== 'closed') return status.state;
  return status.reason === undefined ? 'stopped' : 'ended';
}
