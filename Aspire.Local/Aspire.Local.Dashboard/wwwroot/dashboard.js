// What Blazor does not do: the theme before the first paint, scrolling, and keys that must not scroll the page.
(() => {
  'use strict';
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  if (stored()) root.dataset.theme = stored();

  document.addEventListener('click', event => {
    if (!event.target.closest('[data-theme-toggle]')) return;
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    try { localStorage.setItem('theme', root.dataset.theme); } catch { /* Private windows may forbid it. */ }
  });

  // A dashboard that was started anew knows nothing of this page: begin again.
  document.addEventListener('components-reconnect-state-changed', event => {
    if (event.detail?.state === 'rejected') location.reload();
  }, true);

  const arrows = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End']);
  document.addEventListener('keydown', event => {
    if (arrows.has(event.key) && event.target.matches?.('[data-arrow-keys]')) event.preventDefault();
  });

  // A list that follows stays at its end unless the reader has scrolled away from it.
  const followed = new WeakSet();
  const follow = list => {
    if (followed.has(list)) return;
    followed.add(list);
    let atEnd = true;
    list.addEventListener('scroll', () => { atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24; }, { passive: true });
    new MutationObserver(() => { if (atEnd) list.scrollTop = list.scrollHeight; }).observe(list, { childList: true, subtree: true });
    list.scrollTop = list.scrollHeight;
  };

  window.dashboard = {
    follow,
    scrollToEnd: list => { list.scrollTop = list.scrollHeight; },
    showRow: (list, index, height) => {
      const top = index * height;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
    },
  };
})();
