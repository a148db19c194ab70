import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/App';
import { browserEnvironment } from './connection/browser';
import { ChatClient } from './connection/client';
import './styles.css';
import { ClientContext } from './useChat';

const root = document.querySelector('#root');
if (!root) throw new Error('The page has no root.');

const client = new ChatClient(browserEnvironment());
client.start();

createRoot(root).render(
  <StrictMode>
    <ClientContext value={client}>
      <App />
    </ClientContext>
  </StrictMode>,
);
