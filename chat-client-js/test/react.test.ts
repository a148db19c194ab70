// @vitest-environment happy-dom
import { act, createElement, StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, describe, expect, test } from 'vitest';
import { ChatClient } from '../src/chatClient.js';
import { useChatState, useConnection, useRoom } from '../src/react.js';
import { messages } from './build.js';
import { FakeWorld, settled } from './world.js';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let remove: (() => void) | undefined;

afterEach(() => {
  act(() => remove?.());
  remove = undefined;
});

/** Draws in React's strict mode, which does every effect twice. */
async function draw(element: ReactNode): Promise<{ readonly box: HTMLElement; readonly again: (element: ReactNode) => Promise<void> }> {
  const box = document.createElement('div');
  const root = createRoot(box);
  remove = () => root.unmount();
  const again = async (what: ReactNode): Promise<void> => act(async () => {
    root.render(createElement(StrictMode, null, what));
    await settled();
  });
  await again(element);
  return { box, again };
}

function Connected({ client, children }: { client: ChatClient; children?: ReactNode }): ReactNode {
  useConnection(client);
  return createElement('div', null, useChatState(client, (state) => state.status.state), ' ', children);
}

function Lobby({ client, name = 'lobby' }: { client: ChatClient; name?: string }): ReactNode {
  const { room, state } = useRoom(client, name);
  return createElement('p', null, `${room?.name}: ${state?.phase}, ${state?.messages.length}. `);
}

describe('with React', () => {
  test('a component is connected as long as it is drawn', async () => {
    const world = new FakeWorld();
    const client = new ChatClient(world.options());
    const { box, again } = await draw(createElement(Connected, { client }));
    await act(async () => world.socket.hello());
    expect(box.textContent).toContain('connected');

    await again(null);

    expect([client.status.state, world.socket.closedWith]).toEqual(['closed', 1000]);
  });

  test('a room is entered once, drawn as it is, and left with the last component that was in it', async () => {
    const world = new FakeWorld();
    const client = new ChatClient(world.options());
    const lobby = (key: string): ReactNode => createElement(Lobby, { client, key });
    const { box, again } = await draw(createElement(Connected, { client }, lobby('a'), lobby('b')));
    await act(async () => {
      world.socket.hello();
      world.socket.joined({ messages: messages(1, 3) });
    });
    expect(box.textContent).toBe('connected lobby: live, 3. lobby: live, 3. ');
    expect([world.socket.sent('join').length, world.socket.sent('leave').length]).toEqual([1, 0]);

    await again(createElement(Connected, { client }, lobby('b')));
    expect([client.room('lobby')?.name, world.socket.sent('leave').length]).toEqual(['lobby', 0]);
    await again(createElement(Connected, { client }));

    expect([client.room('lobby'), world.socket.sent('leave').length]).toEqual([undefined, 1]);
  });

  test('another name is another room', async () => {
    const world = new FakeWorld();
    const client = new ChatClient(world.options());
    const { box, again } = await draw(createElement(Connected, { client }, createElement(Lobby, { client })));
    await act(async () => world.socket.hello());

    await again(createElement(Connected, { client }, createElement(Lobby, { client, name: 'other' })));
    await act(async () => world.socket.joined({ room: 'other' }));

    expect(box.textContent).toBe('connected other: live, 0. ');
    expect([...client.store.get().rooms.keys()]).toEqual(['other']);
  });
});
