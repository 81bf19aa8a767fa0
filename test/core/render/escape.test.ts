import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlCharacter } from '../../../src/core/control-characters.ts';
import { envValue } from '../../../src/core/render/escape/env-file.ts';
import { unitText, unitWord } from '../../../src/core/render/escape/systemd.ts';

/** What a config may hold: any text without control characters. */
const texts = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter((text) => controlCharacter(text) === undefined);

test.for([
  ['plain-1.2_3/x:y,z@%+=', 'plain-1.2_3/x:y,z@%+='],
  ['', ''],
  [32, '32'],
  ['two words', '"two words"'],
  ['a"b\\c$d`e', '"a\\"b\\\\c\\$d\\`e"'],
  ["it's", '"it\'s"'],
  ['ü', '"ü"'],
] as const)('an environment file holds %j as %j', ([value, text]) => {
  expect(envValue(value)).toBe(text);
});

test('a POSIX shell reads every value of an environment file as it was', () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), (values) => {
      const file = values.map((value, index) => `V${index}=${envValue(value)}`).join('\n');
      const script = `${file}\nprintf '%s\\n' ${values.map((_, index) => `"$V${index}"`).join(' ')}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
      expect(read).toBe(values.map((value) => `${value}\n`).join(''));
    }),
    { numRuns: 40 },
  );
});

test('a unit file has % doubled, and a backslash at the end does not join lines', () => {
  expect(unitText('50% $x "q"')).toBe('50%% $x "q"');
  expect(unitText('ends with \\')).toBe('ends with \\ ');
});

test('a word of a list in a unit file has blanks, quotes, colons and backslashes escaped', () => {
  expect(unitWord('/a b/"c"/\'d\'/e:f/g\\h/5%')).toBe('/a\\ b/\\"c\\"/\\\'d\\\'/e\\:f/g\\\\h/5%%');
});

test('a blank at the end of a word is no blank at the end of its line, which systemd takes off', () => {
  expect(unitWord('/a b ')).toBe('/a\\ b" "');
  expect(unitWord('/a  ')).toBe('/a\\ " "');
});

test.for(['a\nb', 'a\u0000b', '\u007f', 'a\ufffe'])('no escaper lets %j through', (text) => {
  expect(() => unitText(text)).toThrow(RangeError);
  expect(() => unitWord(text)).toThrow(RangeError);
  expect(() => envValue(text)).toThrow(RangeError);
});
