import { describe, expect, test, vi } from 'vitest';
import { llamaScenarios } from './support/scenarios.ts';
import { none, sweptProblems } from './support/sweep.ts';
import { tally } from './support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('./support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

describe.each(llamaScenarios)('$name of instances', (scenario) => {
  test('whatever goes wrong at whichever step, each instance is wholly old or wholly new', async () => {
    expect(await sweptProblems(scenario, tried)).toEqual(none);
  }, 300_000);
});
