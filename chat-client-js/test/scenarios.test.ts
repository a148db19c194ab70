import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Scenario } from './scenarios/scenario.js';
import type { Fields } from './scenarios/template.js';

/** The table of scenarios that both clients have to pass. */
const FOLDER = join(import.meta.dirname, '../../docs/scenarios');

interface Script {
  readonly scenarios: readonly { readonly name: string; readonly steps: readonly Fields[] }[];
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

test('there are scenarios', () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('%s', (file) => {
  const { scenarios } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Script;

  test.each(scenarios.map(({ name, steps }) => ({ name, steps })))('$name', async ({ steps }) => {
    const scenario = new Scenario();
    for (const [index, step] of steps.entries()) {
      try {
        await scenario.play(step);
      } catch (error) {
        throw new Error(`Step ${index + 1}, ${JSON.stringify(step)}: ${String(error)}`, { cause: error });
      }
    }
  });
});
