import react from '@vitejs/plugin-react';
import { defaultClientConditions, defaultServerConditions, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `/api` and `/ws` go in development: the service discovery variable when an app host started us. */
const balancer = process.env['services__balancer__http__0'] ?? 'http://localhost:8080';

/** Where traces go in development: to whoever collects them, through this server, so that no other origin is asked. */
const collector = process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'grpc' ? undefined : process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];

/** `name=value,name=value`, as OpenTelemetry writes it. */
function collectorHeaders(): Record<string, string> {
  const pairs = (process.env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '').split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), decodeURIComponent(pair.slice(pair.indexOf('=') + 1).trim())]));
}

/** What the page cannot know by itself. A build has traces where CHAT_TRACES_URL says so: its own origin, or one that allows it. */
const settings = {
  server: process.env['CHAT_SERVER_URL'] ?? '',
  tokens: process.env['CHAT_TOKEN_URL'] ?? '',
  signIn: process.env['CHAT_SIGN_IN_URL'] ?? '',
  traces: process.env['CHAT_TRACES_URL'] ?? (collector ? '/v1/traces' : ''),
  dashboard: process.env['CHAT_DASHBOARD_URL'] ?? '',
};

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
  define: { __CHAT_SETTINGS__: JSON.stringify(settings) },
  server: {
    host: 'localhost',
    port: Number(process.env['PORT'] ?? 5173),
    strictPort: true,
    fs: { allow: ['.', '../chat-client-js'] },
    proxy: {
      '/api': { target: balancer },
      '/balancer': { target: balancer },
      ...(collector && { '/v1/traces': { target: collector, changeOrigin: true, headers: collectorHeaders() } }),
      '/ws': { target: balancer, ws: true },
    },
  },
  test: { include: ['src/test/**/*.test.{ts,tsx}'] },
});
