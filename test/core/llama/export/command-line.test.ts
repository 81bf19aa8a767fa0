import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandLine } from '../../../../src/core/llama/export/command-line.ts';
import { exportedValue } from '../../../support/llama-exports.ts';
import { argumentsOf } from '../../../support/llama-swap.ts';

test('words come back as they were, whatever is in them, and no macro is among them', () => {
  const word = fc.oneof(exportedValue, fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const line = commandLine(words);
      expect(line).not.toMatch(/\$\{/);
      expect(argumentsOf(line, 1)).toEqual(words);
    }),
    { numRuns: 3000 },
  );
});

test('a plain word is written as it is, and any other between quotes', () => {
  expect(commandLine(['/bin/a', '--b', '0.5', 'c d', '', "it's"])).toBe(
    `/bin/a --b 0.5 'c d' '' 'it'"'"'s'`,
  );
});
