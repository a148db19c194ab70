import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { DatabaseShelf, type Shelf, type Tabs } from '../page/shelf';
import { FakeWorld, memoryStorage, savedTexts, settled } from './world';

/** A browser with tabs, which live and go. */
class Browser {
  readonly factory = new IDBFactory();
  readonly #living = new Set<string>();
  #order = 0;

  /** @param before The name of the tab's life before a reload. */
  tab(own: string, { locks = true, before }: { readonly locks?: boolean; readonly before?: string } = {}): Shelf {
    this.#living.add(own);
    const tabs: Tabs = { own, living: async () => (locks ? new Set(this.#living) : undefined) };
    return new DatabaseShelf(this.factory, tabs, { before, startOrder: (this.#order += 1_000) });
  }

  close(tab: string): void {
    this.#living.delete(tab);
  }
}

/** What a database does takes real turns of the loop, though no real time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await settled();
  }
}

function text(id: string): { id: string; room: string; text: string } {
  return { id, room: 'lobby', text: `text of ${id}` };
}

describe('the shelf', () => {
  test('gives the texts of a tab that is gone to one other tab of the same user, in the order written', async () => {
    const browser = new Browser();
    const first = browser.tab('one');
    await first.put('ada', [text('z'), text('a')]);
    await first.put('bob', [text('b')]);
    const [second, third] = [browser.tab('two'), browser.tab('three')];
    expect(await second.adopt('ada')).toEqual([]);

    browser.close('one');
    const taken = await Promise.all([second.adopt('ada'), third.adopt('ada')]);

    expect(taken.map((all) => all.map(({ id }) => id)).toSorted((a, b) => a.length - b.length)).toEqual([[], ['z', 'a']]);
  });

  test('lets nobody change what another tab owns', async () => {
    const browser = new Browser();
    const first = browser.tab('one');
    await first.put('ada', [text('a')]);
    browser.close('one');
    const second = browser.tab('two');
    await second.adopt('ada');

    await first.put('ada', [{ ...text('a'), text: 'changed' }]);
    browser.close('two');

    expect(await browser.tab('three').adopt('ada')).toEqual([text('a')]);
  });

  test('without locks, takes over only what the same tab had before its reload', async () => {
    const browser = new Browser();
    await browser.tab('one', { locks: false }).put('ada', [text('a')]);

    expect(await browser.tab('other', { locks: false }).adopt('ada')).toEqual([]);
    expect(await browser.tab('again', { locks: false, before: 'one' }).adopt('ada')).toEqual([text('a')]);
  });
});

describe('a tab that is closed', () => {
  async function withPending(): Promise<{ browser: Browser; world: FakeWorld }> {
    const browser = new Browser();
    const world = new FakeWorld(memoryStorage());
    world.shelf = browser.tab('one');
    const page = await world.onLobby();
    await turns();
    world.socket.close(1006);
    page.send('lobby', 'kept');
    page.write('lobby', 'half writ');
    await turns();
    return { browser, world };
  }

  /** Another tab of ada's, with a storage of its own, connected and in no room. */
  async function another(browser: Browser, name: string): Promise<FakeWorld> {
    const world = new FakeWorld(memoryStorage());
    world.shelf = browser.tab(name);
    return world;
  }

  test('leaves what waits and what is half written to the next one, which sends it once, under its id', async () => {
    const { browser, world: closed } = await withPending();
    browser.close('one');
    const world = await another(browser, 'two');

    const page = await world.signedIn();
    world.socket.hello();
    await turns();
    world.socket.joined();
    await turns();

    expect(page.state.drafts).toEqual(new Map([['lobby', 'half writ']]));
    expect(world.socket.sent('send').map(({ id, text }) => [id, text])).toEqual([['id1', 'kept']]);
    expect(savedTexts(closed.storage)).toEqual([]);

    world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 });
    world.socket.say({ type: 'message', room: 'lobby', epoch: 'e', offset: 1, id: 'id1', author: 'ada', text: 'kept', sentAt: '', node: 'n' });
    await turns();
    browser.close('two');
    expect(await browser.tab('three').adopt('ada')).toEqual([]);
  });

  test('leaves it to a tab that is open already, in a moment, and to no second one', async () => {
    const { browser } = await withPending();
    const [second, third] = [await another(browser, 'two'), await another(browser, 'three')];
    const pages = [await second.signedIn(), await third.signedIn()];
    await turns();
    expect(pages.map(({ state }) => state.outbox.length)).toEqual([0, 0]);

    browser.close('one');
    await Promise.all([second.pass(3_000), third.pass(3_000)]);
    await turns();

    expect(pages.map(({ state }) => state.outbox.length).toSorted()).toEqual([0, 1]);
  });

  test('by signing out, leaves nothing', async () => {
    const browser = new Browser();
    const world = new FakeWorld();
    world.shelf = browser.tab('one');
    const page = await world.onLobby();
    await turns();
    world.socket.close(1006);
    page.send('lobby', 'gone');
    page.write('lobby', 'half');
    await turns();

    page.signOut();
    await turns();

    browser.close('one');
    const next = browser.tab('two');
    expect([await next.adopt('ada'), await next.drafts('ada')]).toEqual([[], new Map()]);
  });
});

test('a database that refuses leaves it to the tab’s own storage, and says so once', async () => {
  const world = new FakeWorld(memoryStorage());
  world.shelf = {
    adopt: async () => [],
    put: async () => {
      throw new Error('quota');
    },
    remove: async () => {},
    drafts: async () => new Map<string, string>(),
    putDraft: async () => {},
  };
  const page = await world.onLobby();
  await settled();
  world.socket.close(1006);

  page.send('lobby', 'kept');
  await settled();

  expect(savedTexts(world.storage)).toEqual(['kept']);
  expect(world.warnings.filter((warning) => warning.includes('quota'))).toHaveLength(1);
});
