// The page works without this: a cell is a link to its details. With it they open in a drawer beside the matrix.
(() => {
  const drawer = document.getElementById('drawer');
  const inside = drawer.querySelector('.inside');
  const title = document.getElementById('drawer-title');
  const wide = matchMedia('(min-width: 1700px)');
  let cell = null;
  let giveBack = () => {};

  const bodyOf = link => document.getElementById(decodeURIComponent(link.hash.slice(1)));

  function show(link) {
    giveBack();
    const body = bodyOf(link);
    const home = body.parentElement;
    inside.append(body);
    giveBack = () => { home.append(body); link.classList.remove('open'); giveBack = () => {}; };
    cell = link;
    link.classList.add('open');
    const strategy = document.createElement('span');
    strategy.textContent = ` · ${body.dataset.strategy}`;
    title.replaceChildren(body.dataset.row, strategy);
    history.replaceState(null, '', link.hash);
    if (!drawer.open) wide.matches ? drawer.show() : drawer.showModal();
    drawer.scrollTop = 0;
  }

  /** Goes to the next cell that was run, in the row or in the column. */
  function move(columns, rows) {
    const row = cell.closest('tr');
    const place = [...row.cells].indexOf(cell.closest('td'));
    const at = n => rows ? row.parentElement.rows[row.sectionRowIndex + n * rows]?.cells[place] : row.cells[place + n * columns];
    for (let n = 1; at(n); n++) {
      const link = at(n).querySelector('a.cell');
      if (link) {
        show(link);
        link.scrollIntoView({ block: 'nearest' });
        return;
      }
    }
  }

  document.addEventListener('click', event => {
    const link = event.target.closest('a.cell');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(link);
      return;
    }
    const button = event.target.closest('#drawer button');
    if (button?.dataset.go) move(Number(button.dataset.go), 0);
    if (button?.dataset.step) move(0, Number(button.dataset.step));
    if (button && 'close' in button.dataset || event.target === drawer && drawer.matches(':modal') && outside(event)) drawer.close();
  });

  const outside = event => event.clientX < drawer.getBoundingClientRect().left;

  drawer.addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') move(-1, 0);
    if (event.key === 'ArrowRight') move(1, 0);
    if (event.key === 'Escape' && !drawer.matches(':modal')) drawer.close();
  });

  drawer.addEventListener('close', () => {
    giveBack();
    history.replaceState(null, '', location.pathname + location.search);
    cell?.focus({ preventScroll: true });
  });

  for (const command of document.querySelectorAll('pre.command')) {
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.textContent = 'copy';
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(command.querySelector('code').textContent);
      copy.textContent = 'copied';
    });
    command.append(copy);
  }

  const linked = [...document.querySelectorAll('a.cell')].find(link => link.hash === location.hash);
  if (linked) addEventListener('load', () => show(linked));
})();
