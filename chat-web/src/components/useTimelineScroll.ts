import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { RoomState } from '@chat/client';
import { ROWS_MAX, windowOf, type Window } from '../page/timeline';
import { useChat, usePage } from '../useChat';
import { capture, NOWHERE, restore } from './anchors';

/** This near to an end counts as being there. */
const NEAR_PX = 48;
/** This near to the first or last row, more are drawn. */
const EXTEND_PX = 400;
const STEP = ROWS_MAX / 3;

export interface TimelineScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly window: Window;
  readonly following: boolean;
  readonly onScroll: () => void;
  readonly showEarlier: () => void;
  readonly toNewest: () => void;
}

/**
 * Keeps a timeline where the reader is: at the newest message while they follow it, and otherwise on the row they look at,
 * whatever is added or dropped above. The browser's own anchoring is off (style sheet), since not all of them have it.
 */
export function useTimelineScroll(room: RoomState): TimelineScroll {
  const page = usePage();
  const scroller = useRef<HTMLDivElement>(null);
  const place = useRef(NOWHERE);
  // Offset of the first row drawn; undefined while following the newest.
  const [from, setFrom] = useState<number>();
  const view = windowOf(room.messages, from);
  const following = from === undefined;
  const first = view.rows[0]?.position.offset ?? 0;

  const hold = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    if (following) {
      box.scrollTop = box.scrollHeight;
      return;
    }
    restore(box, place.current);
    place.current = capture(box);
  }, [following]);

  // An address led to a message: it is drawn first, and then brought into the middle.
  const sought = useChat((state) => (state.sought?.room === room.name ? state.sought.offset : undefined));
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || sought === undefined) return;
    const row = box.querySelector(`[data-offset="${sought}"]`);
    if (following || !row) {
      setFrom(Math.max(1, sought - STEP));
      return;
    }
    row.scrollIntoView({ block: 'center' });
    place.current = capture(box);
    page.found();
  }, [page, sought, following, from]);

  // After every drawing: anything may have changed the height.
  useLayoutEffect(hold);

  // Older messages that came while the reader waits for them at the top: no scrolling will ask for them there.
  const older = view.hiddenOlder;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || following || older === 0 || box.scrollTop >= EXTEND_PX) return;
    setFrom((shown) => (shown === undefined ? shown : Math.max(0, shown - STEP)));
  }, [following, older]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(hold);
    observer.observe(box);
    return () => observer.disconnect();
  }, [hold]);

  const showEarlier = (): void => {
    if (view.hiddenOlder > 0) setFrom(Math.max(0, first - STEP));
    else page.loadEarlier(room.name);
  };

  const onScroll = (): void => {
    const box = scroller.current;
    if (!box) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    const atNewest = below <= NEAR_PX && view.hiddenNewer === 0;
    place.current = capture(box);
    page.setAtBottom(room.name, atNewest);
    if (atNewest) {
      setFrom(undefined);
      return;
    }
    if (following) setFrom(first);
    if (box.scrollTop < EXTEND_PX) showEarlier();
    else if (below < EXTEND_PX && view.hiddenNewer > 0) setFrom(first + STEP);
  };

  const toNewest = (): void => {
    setFrom(undefined);
    page.setAtBottom(room.name, true);
  };

  return { scroller, window: view, following, onScroll, showEarlier, toNewest };
}
