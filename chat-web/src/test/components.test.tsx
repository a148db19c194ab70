// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from 'vitest';
import { message, messages } from '../../../chat-client-js/test/build';
import type { ChatPage } from '../page/page';
import { Drawn } from './draw';
import { FakeWorld } from './world';

let drawn: Drawn | undefined;

afterEach(async () => {
  await drawn?.remove();
  drawn = undefined;
  vi.restoreAllMocks();
});

async function lobby(changes: Parameters<FakeWorld['onLobby']>[0] = {}): Promise<{ world: FakeWorld; page: ChatPage; drawn: Drawn }> {
  const world = new FakeWorld();
  const page = await world.onLobby(changes);
  drawn = await Drawn.of(page, world);
  return { world, page, drawn };
}

async function withFailedText(): Promise<{ world: FakeWorld; page: ChatPage; drawn: Drawn }> {
  const all = await lobby();
  await all.drawn.after(() => {
    all.page.send('lobby', 'hi');
    all.world.socket.say({ type: 'nack', id: 'id1', code: 'forbidden', message: 'No.', retryable: false });
  });
  return all;
}

describe('the keyboard', () => {
  test.each(['Try again', 'Discard'])('stays among the messages when “%s” goes', async (label) => {
    const { drawn } = await withFailedText();
    const button = drawn.button(label);
    button.focus();

    await drawn.after(() => button.click());

    expect(document.activeElement).toBe(drawn.get('.timeline'));
  });

  test('closes the list of people with Escape, and is back where it opened it', async () => {
    const { drawn } = await lobby({ members: ['ada', 'bob'] });
    const details = drawn.get('details') as HTMLDetailsElement;
    details.open = true;
    drawn.byTestId('member').focus();

    await drawn.after(() => drawn.byTestId('member').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));

    expect(details.open).toBe(false);
    expect(document.activeElement).toBe(drawn.byTestId('presence'));
  });
});

describe('what is said', () => {
  test('the same words twice are two paragraphs in turn, so that they are read twice', async () => {
    const { world, drawn } = await lobby({ messages: messages(1, 3) });
    expect(drawn.byTestId('spoken').textContent).toBe('');

    await drawn.after(() => world.socket.message(message(4, { text: 'yes' })));
    const first = drawn.byTestId('spoken').firstElementChild;
    await drawn.after(() => world.socket.message(message(5, { text: 'yes' })));

    expect(first?.textContent).toBe('bob: yes');
    expect(drawn.byTestId('spoken').textContent).toBe('bob: yes');
    expect(drawn.byTestId('spoken').firstElementChild).not.toBe(first);
  });

  test('a short interruption moves nothing and is not said; a long one is said once', async () => {
    const { world, drawn } = await lobby();

    await drawn.after(() => world.socket.close(1006));
    expect(drawn.find('.banner')).toBeNull();
    expect(drawn.byTestId('connection-state').closest('[aria-live], [role=status], output')).toBeNull();
    await drawn.after(() => world.pass(3_000));

    expect(drawn.get('[role=alert] .banner').textContent).toContain('Reconnecting');
  });
});

describe('a room', () => {
  test('that refuses says why, in place of a field to write in', async () => {
    const { world, page, drawn } = await lobby();
    await drawn.after(() => page.enter('secret'));

    await drawn.after(() => world.socket.refuse('forbidden', 'secret'));

    expect(drawn.byTestId('refused').textContent).toContain('No.');
    expect(drawn.find('[data-testid=composer]')).toBeNull();
  });

  test('is left at once when all is sent; otherwise one is asked first', async () => {
    const { page, drawn } = await lobby();
    await drawn.after(() => page.send('lobby', 'hi'));

    await drawn.after(() => drawn.button('Leave').click());
    expect((drawn.get('.room-header dialog') as HTMLDialogElement).open).toBe(true);
    expect(page.state.rooms.has('lobby')).toBe(true);
    await drawn.after(() => drawn.button('Leave anyway').click());

    expect(page.state.rooms.has('lobby')).toBe(false);
  });

  test('has its own draft and its own error', async () => {
    const { world, page, drawn } = await lobby();
    await drawn.type('ü'.repeat(2_500));
    await drawn.after(() => drawn.byTestId('send').click());
    expect(drawn.get('.composer .problem').textContent).toContain('4096');

    await drawn.after(() => {
      page.enter('other');
      world.socket.joined({ room: 'other' });
    });
    expect(drawn.get('.composer .problem').textContent).toBe('');
    expect((drawn.byTestId('composer') as HTMLTextAreaElement).value).toBe('');
    await drawn.after(() => page.enter('lobby'));

    expect((drawn.byTestId('composer') as HTMLTextAreaElement).value).toHaveLength(2_500);
  });

  test('draws each part once, whatever else is drawn again', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { world, page, drawn } = await lobby({ messages: messages(1, 3) });

    await drawn.after(() => world.socket.message(message(4, { text: 'https://example.org/ and <b>' })));
    await drawn.after(() => page.enter('other'));
    await drawn.after(() => page.enter('lobby'));

    expect(errors).not.toHaveBeenCalled();
    expect(document.querySelectorAll('.timeline')).toHaveLength(1);
    expect(document.querySelectorAll('[data-testid=message] a')).toHaveLength(1);
    expect(drawn.get('.text a').getAttribute('rel')).toBe('noopener noreferrer');
  });

  test('shows where its new messages begin', async () => {
    const { world, drawn } = await lobby({ messages: messages(1, 3) });
    world.visible = false;

    await drawn.after(() => world.socket.message(message(4)));

    expect(drawn.byTestId('new-line').nextElementSibling?.getAttribute('data-offset')).toBe('4');
  });
});

describe('the way of a message', () => {
  const HOPS = [
    { node: 'n2', step: 'received', at: '2026-11-24T04:00:00.010Z' },
    { node: 'redis', step: 'stored', at: '2026-11-24T04:00:00.012Z' },
    { node: 'n1', step: 'delivered', at: '2026-11-24T04:00:00.015Z' },
  ];
  const FRAME = {
    type: 'message', room: 'lobby', epoch: 'e', offset: 1, id: 'b1', author: 'bob', text: 'hi', sentAt: '2026-11-24T04:00:00.010Z', node: 'n2', hops: HOPS,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  };

  test('is shown by a key, step by step with times, and Escape leads back', async () => {
    const { world, drawn } = await lobby();
    await drawn.after(() => world.socket.say(FRAME));
    const button = drawn.byTestId('inspect');
    button.focus();

    await drawn.after(() => button.click());

    const steps = [...document.querySelectorAll('[data-testid="hop"]')].map((hop) => hop.textContent);
    expect(steps.slice(0, 3).map((step) => step.replace(/[A-Z](?= |\+)/, '?'))).toEqual(['Received by ?+0 ms', 'Stored in Redis+2 ms', 'Delivered by ? (yours)+5 ms']);
    expect(drawn.byTestId('position').textContent).toBe('e/1');
    expect(document.activeElement?.textContent).toBe('Message 1');

    await drawn.after(() => document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));

    expect(drawn.find('[data-testid="inspector"]')).toBeNull();
    expect(document.activeElement).toBe(drawn.byTestId('inspect'));
  });

  test.each([['', null], ['http://localhost:18888/', 'http://localhost:18888/traces/detail/4bf92f3577b34da6a3ce929d0e0e4736']])(
    'leads to the trace where the dashboard is known: %j', async (dashboard, href) => {
      const world = new FakeWorld();
      world.dashboard = dashboard;
      const page = await world.onLobby();
      drawn = await Drawn.of(page, world);
      await drawn.after(() => world.socket.say(FRAME));

      await drawn.after(() => page.inspect(1));

      expect(drawn.find('[data-testid="open-trace"]')?.getAttribute('href') ?? null).toBe(href);
    });

  test('of a message that was read back has no times, and says so', async () => {
    const { page, drawn } = await lobby({ messages: messages(1, 1) });

    await drawn.after(() => page.inspect(1));

    expect(drawn.byTestId('inspector').textContent).toContain('read back from the log');
  });
});

describe('the badge', () => {
  test('says when the next try is, and how long the newest message took', async () => {
    const { world, page, drawn } = await lobby();
    expect(drawn.byTestId('my-node').textContent).toBe('A');
    expect(drawn.byTestId('my-node').title).toBe('Node abcdefgh');
    await drawn.after(() => page.send('lobby', 'hi'));
    world.wallNow += 7;
    await drawn.after(() => world.socket.say({ type: 'ack', id: 'id1', room: 'lobby', epoch: 'e', offset: 1 }));
    expect(drawn.byTestId('round-trip').textContent).toBe('7 ms');

    for (let time = 0; time < 5; time += 1) {
      await drawn.after(() => world.socket.close(1006));
      if (time < 4) await drawn.after(() => page.reconnect());
    }

    expect(drawn.byTestId('connection-state').textContent).toMatch(/^Reconnecting… in \d+ s$/);
  });
});

describe('the topology', () => {
  test('is at an address of its own, shows every node with its share and which is yours, and Back leads to the room', async () => {
    const { world, drawn } = await lobby();
    world.balancerStatus = () => ({
      policy: 'p2c', draining: false, destinations: [
        { id: 'abcdefgh', state: 'ready', healthy: true, connections: 3 }, { id: 'zzz', state: 'draining', healthy: true, connections: 1 },
      ],
    });

    await drawn.after(() => world.go('/topology'));
    await drawn.after(() => {});

    const nodes = [...document.querySelectorAll<HTMLElement>('[data-testid="topology-node"]')];
    expect(nodes.map(({ dataset, textContent }) => [dataset['node'], dataset['phase'], dataset['mine'], textContent])).toEqual([
      ['abcdefgh', 'ready', 'true', 'Areadyyours75 % · 3 connections'], ['zzz', 'draining', 'false', 'Bdraining25 % · 1 connection'],
    ]);

    await drawn.after(() => world.back());
    expect(drawn.find('[data-testid="composer"]')).not.toBeNull();
    expect(world.events).toHaveLength(0);
  });
});
