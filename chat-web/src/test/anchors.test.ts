import { expect, test } from 'vitest';
import { capture, restore } from '../components/anchors';

const HEIGHT = 20;

/** A box of 100 px with rows of 20 px, as far as anchors need one. */
class FakeBox {
  scrollTop = 0;
  rows: readonly number[];

  constructor(rows: readonly number[]) {
    this.rows = rows;
    Object.assign(globalThis, { CSS: { escape: (text: string) => text } });
  }

  getBoundingClientRect(): { readonly top: number; readonly bottom: number } {
    return { top: 50, bottom: 150 };
  }

  querySelectorAll(): readonly object[] {
    return this.rows.map((row) => this.#element(row));
  }

  querySelector(selector: string): object | null {
    const row = this.rows.find((offset) => selector === `[data-offset="${offset}"]`);
    return row === undefined ? null : this.#element(row);
  }

  topOf(row: number): number {
    return 50 + this.rows.indexOf(row) * HEIGHT - this.scrollTop;
  }

  get element(): Element {
    return this as unknown as Element;
  }

  #element(row: number): object {
    const top = this.topOf(row);
    return { dataset: { offset: String(row) }, getBoundingClientRect: () => ({ top, bottom: top + HEIGHT }) };
  }
}

function rows(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test('rows that come above, or go, leave those in view where they are', () => {
  const box = new FakeBox(rows(11, 40));
  box.scrollTop = 95;
  const anchors = capture(box.element);
  const before = box.topOf(16);

  box.rows = rows(1, 40);
  restore(box.element, anchors);
  expect(box.topOf(16)).toBe(before);
  const again = capture(box.element);
  box.rows = rows(16, 40);
  restore(box.element, again);

  expect(box.topOf(16)).toBe(before);
});

test('when the first row in view goes itself, the next one holds', () => {
  const box = new FakeBox(rows(1, 40));
  box.scrollTop = 0;
  const anchors = capture(box.element);
  const before = box.topOf(4);

  box.rows = rows(4, 40);
  restore(box.element, anchors);

  expect(box.topOf(4)).toBe(before);
});

test('when all of them go, nothing moves', () => {
  const box = new FakeBox(rows(1, 40));
  box.scrollTop = 30;
  const anchors = capture(box.element);

  box.rows = rows(100, 140);
  restore(box.element, anchors);

  expect(box.scrollTop).toBe(30);
});

test('a scroll that nobody was told of yet is not undone', () => {
  const box = new FakeBox(rows(11, 40));
  box.scrollTop = 95;
  const anchors = capture(box.element);
  const before = box.topOf(16);

  box.scrollTop -= 30;
  box.rows = rows(1, 40);
  restore(box.element, anchors);

  expect(box.topOf(16)).toBe(before + 30);
});
