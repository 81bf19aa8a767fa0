import fc from 'fast-check';
import { test } from 'vitest';
import { largeInput, mutatedConfig, randomBytes } from '../support/mutations.ts';
import { readmeTells } from '../support/tally.ts';
import { inputs } from '../support/tried.ts';

const { tried, tryAs } = inputs();
/** The same inputs in each run; what is found with others is printed with its seed. */
const SEED = 20_261_126;
/** Some twenty seconds on a quiet machine; this ends what hangs. */
const LIMIT = { timeout: 300_000 };

test(
  'a real config that is damaged is refused, or read as it stands: never a bug, never another value',
  LIMIT,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutatedConfig, async ({ bytes }) => {
        await tryAs('mutated', bytes);
      }),
      { numRuns: 11_000, seed: SEED },
    );
  },
);

test('bytes of any kind are refused, or read as they stand', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(randomBytes, async (bytes) => {
      await tryAs('random', bytes);
    }),
    { numRuns: 5000, seed: SEED },
  );
});

test('an input of one piece, thousands of times, is answered as well', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(largeInput, async (bytes) => {
      await tryAs('large', bytes);
    }),
    { numRuns: 50, seed: SEED },
  );
});

test('so are others in each run; a failure names the seed', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(mutatedConfig, async ({ bytes }) => {
      await tryAs('mutated', bytes);
    }),
    { numRuns: 300 },
  );
});

readmeTells('test/fuzz/mutated.test.ts', tried.sum);
