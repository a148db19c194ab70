import react from '@vitejs/plugin-react';
import { defaultClientConditions, defaultServerConditions, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `/api` and `/ws` go in development: the service discovery variable when an app host started us. */
const balancer = process.env['services__balancer__http__0'] ?? 'http://localhost:8080';

/**
 * npm starts a script through a shell that dies of SIGTERM and does not pass it on: whoever stops npm would leave this server behind, with
 * its port. So it ends once its parent has.
 */
const endsWithItsParent: Plugin = {
  name: 'ends-with-its-parent',
  configureServer() {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) process.exit();
    }, 200).unref();
  },
};

/** Where the client's package says that its sources are. */
const SOURCE = '@chat/source';

export default defineConfig({
  plugins: [react(), endsWithItsParent],
  // The client's sources rather than its build: nothing has to be built first, and a change in it shows at once.
  resolve: { conditions: [SOURCE, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [SOURCE, ...defaultServerConditions] } },
  server: {
    host: 'localhost',
    port: Number(process.env['PORT'] ?? 5173),
    strictPort: true,
    fs: { allow: ['.', '../chat-client-js'] },
    proxy: {
      '/api': { target: balancer },
      '/ws': { target: balancer, ws: true },
    },
  },
  test: { include: ['src/test/**/*.test.{ts,tsx}'] },
});
