// What a visitor has to load before anything shows: everything in dist/, gzipped as a web server would. Fails above the limit.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 120 * 1024;

const dist = new URL('../dist', import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(file.parentPath, file.name)), { level: 9 }).length, 0);
console.log(`The page: ${bytes} bytes gzipped of ${LIMIT_BYTES}.`);
if (bytes > LIMIT_BYTES) process.exitCode = 1;
