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
