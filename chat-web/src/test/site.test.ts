import { describe, expect, test } from 'vitest';
import { ChatPage } from '../page/page';
import type { Grant } from '../page/site';
import { FakeWorld, memoryStorage, settled } from './world';

/** A world in which a site gives tokens to whoever is signed in there. */
function withSite(signedIn: string | undefined, storage = memoryStorage()): { world: FakeWorld; site: { user: string | undefined; asked: number } } {
  const world = new FakeWorld(storage);
  const site = { user: signedIn, asked: 0 };
  const grant = async (): Promise<Grant | undefined> => {
    site.asked += 1;
    return site.user === undefined ? undefined : { user: site.user, token: world.token(site.asked) };
  };
  world.site = { grant, signInUrl: () => 'https://site.test/sign-in' };
  return { world, site };
}

async function open(world: FakeWorld): Promise<ChatPage> {
  const page = new ChatPage(world.page);
  page.start();
  await settled();
  return page;
}

describe('on a site that gives tokens', () => {
  test('one is who the site says, without a form', async () => {
    const { world, site } = withSite('ada');
    const page = await open(world);
    world.socket.hello();

    expect([page.state.user, world.socket.token, site.asked, world.logins]).toEqual(['ada', 'token1', 1, 0]);
  });

  test('nobody who is not signed in there gets a connection', async () => {
    const { world } = withSite(undefined);
    const page = await open(world);

    expect([page.state.user, world.sockets.length, page.around.site?.signInUrl()]).toEqual([undefined, 0, 'https://site.test/sign-in']);
  });

  test('a reload goes on without asking, and the token is renewed in time', async () => {
    const storage = memoryStorage();
    const first = withSite('ada', storage);
    await open(first.world);
    const { world, site } = withSite('ada', storage);
    await open(world);
    world.socket.hello();
    expect(site.asked).toBe(0);

    await world.alive(world.tokenLifeMs);

    expect(site.asked).toBeGreaterThan(0);
    expect(world.socket.sent('refresh').length).toBeGreaterThan(0);
  });

  test.each([undefined, 'bob'])('whoever is no longer signed in there (now: %s) is sent to sign in, and what was unsent is still theirs', async (now) => {
    const { world, site } = withSite('ada');
    const page = await open(world);
    world.socket.hello();
    page.enter('lobby');
    world.socket.joined();
    world.socket.close(1006);
    page.send('lobby', 'later');
    site.user = now;
    await world.pass(1_000);
    world.socket.close(4500);
    await world.pass(30_000);
    expect(page.state.user).toBeUndefined();
    expect(page.state.notice).toContain('sign in again');

    site.user = 'ada';
    const back = await open(world);

    expect(back.state).toMatchObject({ user: 'ada', outbox: [{ text: 'later' }] });
  });
});
