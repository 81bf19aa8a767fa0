import { describe, expect, test, vi } from 'vitest';
import { scenarios } from './support/scenarios.ts';
import { none, sweptProblems } from './support/sweep.ts';
import { readmeTells, tally } from './support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('./support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

describe.each(scenarios)('$name', (scenario) => {
  test('whatever goes wrong at whichever step, each group of runtimes is wholly old or wholly new', async () => {
    expect(await sweptProblems(scenario, tried)).toEqual(none);
  }, 300_000);
});

readmeTells('test/fault-injection.test.ts', tried.sum);
