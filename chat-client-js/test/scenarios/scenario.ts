import { expect } from 'vitest';
import { settled } from '../world.js';
import { ScenarioWorld, type Connection } from './life.js';
import { Person } from './person.js';
import { complete, isFields, matches, offsetsOf, resolve, roomOf, type Fields } from './template.js';

const STEP_MS = 100;
/** What a browser calls a connection that ended without a word. */
const NO_WORD = 1006;
const UNITS: ReadonlyMap<string, number> = new Map([['ms', 1], ['s', 1_000], ['m', 60_000], ['h', 3_600_000]]);

/** Plays one scenario: the node's part, the person's, and the time's. */
export class Scenario {
  readonly #world = new ScenarioWorld();
  readonly #names = new Map<string, Fields>();
  #person = new Person(this.#world);
  #connection: Connection | undefined;

  async play(step: Fields): Promise<void> {
    await this.#play(step);
    await settled();
  }

  async #play(step: Fields): Promise<void> {
    const [deed = '', value] = Object.entries(step)[0] ?? [];
    const withinMs = step['within'] === undefined ? 0 : durationMs(step['within']);
    switch (deed) {
      case 'accept':
        { await this.#accept(value, withinMs); return; }
      case 'refuse':
        { ;(await this.#attempt(withinMs)).end(NO_WORD); return; }
      case 'send':
        { this.#say(value); return; }
      case 'messages':
        for (const offset of offsetsOf(value)) {
          this.#say({ type: 'message', offset });
          if (step['reading'] === true) this.#person.do('read', step);
        }
        return;
      case 'close':
        { this.#here.end(Number(value)); return; }
      case 'cut':
        { this.#here.end(NO_WORD); return; }
      case 'do':
        { this.#do(String(value), step); return; }
      case 'advance':
        { await this.#advance(durationMs(value)); return; }
      case 'sleep':
      case 'clock':
        { this.#world.jump(durationMs(value)); return; }
      case 'storage':
        this.#world.storageThrows = value === 'throws';
        return;
      case 'token':
        this.#world.tokenError = value === 'fails' ? new Error('No token.') : undefined;
        return;
      default:
        { await this.#check(deed, value, step, withinMs); return; }
    }
  }

  async #check(what: string, value: unknown, step: Fields, withinMs: number): Promise<void> {
    switch (what) {
      case 'expect':
        { await this.#expect(fields(value), step['as'], withinMs); return; }
      case 'silent':
        expect(this.#here.heard.filter(({ type }) => (value as readonly unknown[]).includes(type))).toEqual([]);
        return;
      case 'count':
        { this.#count(fields(value)); return; }
      case 'offline':
        expect(this.#waiting()).toBeUndefined();
        return;
      case 'tokens':
        expect(this.#world.asked).toHaveLength(Number(value));
        return;
      case 'see':
        { await this.#see(fields(value), withinMs); return; }
      default:
        throw new Error(`No step is called "${what}".`);
    }
  }

  get #here(): Connection {
    if (!this.#connection) throw new Error('There is no connection.');
    return this.#connection;
  }

  async #accept(hello: unknown, withinMs: number): Promise<void> {
    this.#connection = await this.#attempt(withinMs);
    if (hello !== null) this.#say({ type: 'hello', ...fields(hello) });
  }

  async #attempt(withinMs: number): Promise<Connection> {
    await this.#until(() => this.#waiting() !== undefined, withinMs, () => 'the client connects');
    const connection = this.#world.attempts.shift();
    if (!connection) throw new Error('Nobody connects.');
    return connection;
  }

  /** The try that waits for the node's answer: those that were given up do not count. */
  #waiting(): Connection | undefined {
    const { attempts } = this.#world;
    while (attempts[0]?.closed) attempts.shift();
    return attempts[0];
  }

  #say(template: unknown): void {
    this.#here.say(complete(fields(template), this.#names));
  }

  #do(deed: string, step: Fields): void {
    if (deed === 'restart') {
      this.#person.kill();
      this.#here.closed = true;
      this.#world.attempts.length = 0;
      this.#person = new Person(this.#world);
      return this.#person.do('start', step);
    }
    for (let time = 0; time < Number(step['times'] ?? 1); time += 1) this.#person.do(deed, step);
  }

  async #expect(pattern: Fields, name: unknown, withinMs: number): Promise<void> {
    const find = (): Fields | undefined => this.#here.heard.find(({ type }) => type === pattern['type']);
    await this.#until(() => find() !== undefined, withinMs, () => `the client says ${show(pattern)}; it said ${show(this.#here.heard)}`);
    const frame = find();
    this.#here.heard = this.#here.heard.filter((heard) => heard !== frame);
    const wanted = resolve(pattern, this.#names);
    if (!frame || !matches(wanted, frame)) throw new Error(`Expected ${show(wanted)}, the client said ${show(frame)}.`);
    if (typeof name === 'string') this.#names.set(name, frame);
  }

  #count({ type, min, max, last }: Fields): void {
    const frames = this.#here.heard.filter((frame) => frame['type'] === type);
    this.#here.heard = this.#here.heard.filter((frame) => frame['type'] !== type);
    expect(frames.length).toBeGreaterThanOrEqual(Number(min ?? 0));
    expect(frames.length).toBeLessThanOrEqual(Number(max));
    if (last !== undefined && !matches(resolve(last, this.#names), frames.at(-1))) throw new Error(`The last was ${show(frames.at(-1))}.`);
  }

  async #see(asked: Fields, withinMs: number): Promise<void> {
    const seen = (): Fields => {
      const all = this.#person.see(roomOf(asked));
      return Object.fromEntries(Object.keys(asked).map((name) => [name, all[name]]));
    };
    await this.#until(() => show(seen()) === show(asked), withinMs, () => `one sees ${show(asked)}; seen is ${show(seen())}`);
  }

  async #advance(byMs: number): Promise<void> {
    for (let left = byMs; left > 0; left -= STEP_MS) await this.#world.pass(Math.min(left, STEP_MS));
  }

  /** @param withinMs In the scenario's time. */
  async #until(holds: () => boolean, withinMs: number, what: () => string): Promise<void> {
    await settled();
    for (let passed = 0; passed < withinMs && !holds(); passed += STEP_MS) await this.#world.pass(STEP_MS);
    if (!holds()) throw new Error(`Not within ${withinMs} ms: ${what()}`);
  }
}

function durationMs(text: unknown): number {
  const [, amount = '', unit = ''] = /^(-?[\d.]+)(ms|s|m|h)$/.exec(String(text)) ?? [];
  const size = UNITS.get(unit);
  if (size === undefined) throw new Error(`Not a duration: ${String(text)}`);
  return Number(amount) * size;
}

function fields(value: unknown): Fields {
  if (!isFields(value)) throw new Error(`Not an object: ${show(value)}`);
  return value;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
