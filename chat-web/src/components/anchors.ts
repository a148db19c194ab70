/** Where a reader is. */
export interface Place {
  /** The rows in view, from the top, and how far below the top of the box each begins. More than one: the first may be dropped. */
  readonly rows: readonly { readonly offset: string; readonly top: number }[];
  readonly scrollTop: number;
}

export const NOWHERE: Place = { rows: [], scrollTop: 0 };

export function capture(box: Element): Place {
  const { top, bottom } = box.getBoundingClientRect();
  const rows: { offset: string; top: number }[] = [];
  for (const row of box.querySelectorAll<HTMLElement>('[data-offset]')) {
    const edge = row.getBoundingClientRect();
    if (edge.top >= bottom) break;
    const offset = row.dataset['offset'];
    if (edge.bottom > top && offset !== undefined) rows.push({ offset, top: edge.top - top });
  }
  return { rows, scrollTop: box.scrollTop };
}

/**
 * Scrolls so that the first of the rows that is still there stands where it stood, less what was scrolled since: the browser
 * tells of that only once it has drawn.
 */
export function restore(box: Element, { rows, scrollTop }: Place): void {
  const scrolled = box.scrollTop - scrollTop;
  for (const { offset, top } of rows) {
    const element = box.querySelector(`[data-offset="${CSS.escape(offset)}"]`);
    if (!element) continue;
    box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - (top - scrolled);
    return;
  }
}
