import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { App } from '../components/App';
import type { ChatPage } from '../page/page';
import { PageContext } from '../useChat';
import type { FakeWorld } from './world';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** The page as it is drawn. Nothing has a size here: what depends on one is tested without drawing. */
export class Drawn {
  readonly #world: FakeWorld;
  readonly #root: Root;
  readonly #container: HTMLElement;

  private constructor(world: FakeWorld) {
    this.#world = world;
    this.#container = document.createElement('div');
    document.body.append(this.#container);
    this.#root = createRoot(this.#container);
  }

  static async of(page: ChatPage, world: FakeWorld): Promise<Drawn> {
    const drawn = new Drawn(world);
    await act(async () => drawn.#root.render(<PageContext value={page}><App /></PageContext>));
    return drawn;
  }

  /** Does something, and lets the page draw what came of it. */
  async after(what: () => unknown): Promise<void> {
    await act(async () => {
      what();
      await this.#world.pass(100);
    });
  }

  find(selector: string): HTMLElement | null {
    return this.#container.querySelector<HTMLElement>(selector);
  }

  get(selector: string): HTMLElement {
    const found = this.find(selector);
    if (!found) throw new Error(`Nothing here is ${selector}.`);
    return found;
  }

  byTestId(id: string): HTMLElement {
    return this.get(`[data-testid="${id}"]`);
  }

  button(label: string): HTMLButtonElement {
    const found = [...this.#container.querySelectorAll('button')].find((button) => button.textContent.trim() === label);
    if (!found) throw new Error(`No button says ${label}.`);
    return found;
  }

  async type(text: string): Promise<void> {
    const field = this.byTestId('composer') as HTMLTextAreaElement;
    await this.after(() => {
      // React listens to what the element's own setter does.
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }

  async remove(): Promise<void> {
    await act(async () => this.#root.unmount());
    this.#container.remove();
  }
}
