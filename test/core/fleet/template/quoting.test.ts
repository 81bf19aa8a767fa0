import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { templateProblems } from '../../../../src/core/fleet/template/check-template.ts';
import { interpolate } from '../../../../src/core/fleet/template/interpolate.ts';
import { variableNames } from '../../../../src/core/fleet/template/variables.ts';

/** Bash reads it as a whole, and runs nothing of it. */
function isRead(command: string): boolean {
  return (
    spawnSync('bash', ['-n'], { input: command, stdio: ['pipe', 'ignore', 'pipe'] }).stderr
      .length === 0
  );
}

/** What bash trips over wherever it is not protected. */
const hostile = 'a" ` ;;)\n;;) (';

/** All that begins or ends a kind of quotes, in an order that is often no command at all. */
const pieces = fc
  .array(
    fc.constantFrom(
      ...["'", '"', '`', '\\', '$(', ')', '$((', '))', '${x', '}', "$'", '#', ' #', '(', ';'],
      ...['\n', ' ', 'a', 'a=', '<<E\n', '\nE\n', '<<<', '{x}', '$(a "b")', '"$(a \'b\')"'],
    ),
    { maxLength: 8 },
  )
  .map((texts) => texts.join('').replaceAll('{x}', '{ x }'));

/** What can stand around a word, begun and ended; some of it is quotes, some begins a command of its own. */
const around = [
  ["'", "'"],
  ["$'", "'"],
  ['"', '"'],
  ['"a\'', '"'],
  ['"$(: ', ')"'],
  ['$(: ', ')'],
  ['$(: \')\' "(" ', ' # )\n)'],
  ['`: ', '`'],
  ["`: # '`", ''],
  [`\${x:-`, '}'],
  ['"${x:-', '}"'],
  ['"${x#', '}"'],
  [`\${x#"}"`, '}'],
  ['$((1 + ', '))'],
  ['"$((', '))"'],
  ['<(: ', ')'],
  ['a=(b ', ')'],
  ['\n(: ', ')\n'],
  ['# ', '\n'],
  ["; # it's\n: ", ''],
  ['\\', ''],
  ["\\'", ''],
  ['<<<', ''],
  ['<<E\n', '\nE\n'],
  ["<<-'E'\n", '\n\tE\n'],
  ['<<E; : ', "\nit's\nE\n: "],
  ["$(: <<E\n'\nE\n: ", ')'],
  ['; case a in a) : ', ';; esac; : '],
  ['; { : ', '; }; : '],
  ['; [[ a = ', ' ]]; : '],
  ['a{', ',b}'],
] as const;

const nested = fc
  .array(fc.constantFrom(...around), { maxLength: 5 })
  .map((layers) =>
    layers.reduce<readonly [string, string]>(
      ([before, after], [begin, end]) => [`${begin} ${before}`, `${after}${end}`],
      ['', ''],
    ),
  );

test('where the scan finds no quotes, bash finds none either', () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.oneof(nested, fc.tuple(pieces, pieces)), ([before, after]) => {
      const command = `: ${before} {source} ${after}`;
      if (templateProblems(command, variableNames).length > 0) return;
      if (!isRead(interpolate(command, { source: 'a' }))) return;
      compared += 1;
      expect(interpolate(command, { source: hostile })).toSatisfy(isRead);
    }),
    { numRuns: 500, seed: 20_261_127 },
  );
  expect(compared).toBeGreaterThan(50);
});
