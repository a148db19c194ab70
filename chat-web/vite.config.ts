import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `/api` and `/ws` go in development: the service discovery variable when an app host started us. */
const balancer = process.env['services__balancer__http__0'] ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  server: {
    host: 'localhost',
    port: Number(process.env['PORT'] ?? 5173),
    strictPort: true,
    proxy: {
      '/api': { target: balancer },
      '/ws': { target: balancer, ws: true },
    },
  },
  test: { include: ['src/test/**/*.test.ts'] },
});
