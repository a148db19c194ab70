// What the package costs a page: everything it exports, bundled, minified and gzipped. Fails above the limit.
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const LIMIT_BYTES = 15 * 1024;
/** Who takes one function must not get the client with it. */
const ONE_FUNCTION_BYTES = 2 * 1024;
/** Without the client, whose types are all they know of it. */
const HOOKS_BYTES = 1024;

async function gzipped(source) {
  const entry = 'virtual-entry.js';
  const bundle = await rolldown({
    input: entry,
    plugins: [{
      name: 'entry',
      resolveId: (id) => (id === entry ? { id, moduleSideEffects: true } : null),
      load: (id) => (id === entry ? source : null),
    }],
    cwd: new URL('..', import.meta.url).pathname,
    external: ['react'],
    resolve: {
      alias: {
        '@chat/client/react': new URL('../src/react.ts', import.meta.url).pathname,
        '@chat/client': new URL('../src/index.ts', import.meta.url).pathname,
      },
    },
  });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  return gzipSync(output[0].code, { level: 9 }).length;
}

const whole = await gzipped(`export * from '@chat/client';`);
const part = await gzipped(`import { directRoom } from '@chat/client'; console.log(directRoom('a', 'b'));`);
const hooks = await gzipped(`export * from '@chat/client/react';`);
console.log(`@chat/client: ${whole} bytes gzipped of ${LIMIT_BYTES}; one function alone: ${part} of ${ONE_FUNCTION_BYTES}; the hooks: ${hooks} of ${HOOKS_BYTES}.`);
if (whole > LIMIT_BYTES || part > ONE_FUNCTION_BYTES || hooks > HOOKS_BYTES) process.exitCode = 1;
