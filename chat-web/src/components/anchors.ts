/** A row in view, and how far below the top of the box it begins. */
export interface Anchor {
  readonly row: string;
  readonly top: number;
}

/** The rows in view, from the top. More than one, since the first may be dropped while somebody looks at it. */
export function capture(box: Element): readonly Anchor[] {
  const { top, bottom } = box.getBoundingClientRect();
  const anchors: Anchor[] = [];
  for (const row of box.querySelectorAll<HTMLElement>('[data-offset]')) {
    const edge = row.getBoundingClientRect();
    if (edge.top >= bottom) break;
    if (edge.bottom > top && row.dataset['offset'] !== undefined) anchors.push({ row: row.dataset['offset'], top: edge.top - top });
  }
  return anchors;
}

/** Scrolls so that the first of the rows that is still there stands where it stood. */
export function restore(box: Element, anchors: readonly Anchor[]): void {
  for (const { row, top } of anchors) {
    const element = box.querySelector(`[data-offset="${CSS.escape(row)}"]`);
    if (!element) continue;
    box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - top;
    return;
  }
}
