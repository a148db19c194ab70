import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

test('the bot in the readme is the example, line by line', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const bot = readFileSync(join(ROOT, 'examples/bot.mjs'), 'utf8');

  expect(readme).toContain(`\`\`\`js\n${bot}\`\`\``);
  expect(bot.trim().split('\n').length).toBeLessThanOrEqual(40);
});
