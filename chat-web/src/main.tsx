import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/App';
import { browserEnvironment } from './page/browser';
import { ChatPage } from './page/page';
import { titleOf, unsentCount } from './page/pageState';
import { roomLabel } from './page/timeline';
import './styles.css';
import { PageContext } from './useChat';

const root = document.querySelector('#root');
if (!root) throw new Error('The page has no root.');

const page = new ChatPage(browserEnvironment());
page.view.subscribe(() => {
  const state = page.view.get();
  document.title = titleOf(state, (room) => roomLabel(room, state.user));
});
// What is not in the database, or not yet, goes with the tab.
window.addEventListener('beforeunload', (event) => {
  if (!page.keeper.done && unsentCount(page.state) > 0) event.preventDefault();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') page.journeys.flush();
});
page.start();

createRoot(root).render(
  <StrictMode>
    <PageContext value={page}>
      <App />
    </PageContext>
  </StrictMode>,
);
