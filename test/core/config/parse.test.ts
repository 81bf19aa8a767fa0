import { expect, test } from 'vitest';
import { parse } from '../../../src/core/config/parse.ts';
import { showTyped } from '../../../src/core/config/show-value.ts';

function parsedValue(toml: string): unknown {
  const result = parse(`a = ${toml}`);
  return result.ok ? result.value['a'] : result.diagnostics[0]?.message;
}

test.for([
  ['8', '8 (integer)'],
  ['0x10', '16 (integer)'],
  ['8.0', '8.0 (float)'],
  ['1e3', '1000.0 (float)'],
  ['1.5', '1.5 (float)'],
  ['1e300', '1e+300 (float)'],
  ['nan', 'NaN (float)'],
  ['99999999999999999999', '99999999999999999999 (integer)'],
  [`1${'0'.repeat(70)}`, 'a number of more than 60 digits (integer)'],
  ['1979-05-27', '1979-05-27 (date)'],
  ['07:32:00', '07:32:00.000 (date)'],
  ['true', 'true (boolean)'],
  ['"x"', '"x" (string)'],
  ['[1]', 'an array'],
  ['{b = 1}', 'a table'],
] as const)('knows the TOML type of %s', ([toml, shown]) => {
  expect(showTyped(parsedValue(toml))).toBe(shown);
});

test('keeps a key that is special in JavaScript', () => {
  const result = parse('__proto__ = 1\nconstructor = 2');
  expect(result.ok && Object.entries(result.value)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test.for([
  ['a', 1, 1, 'this key has no value'],
  ['a\n= 1', 1, 2, 'this key has no value'],
  ['a =', 1, 4, 'a value is missing after `=`'],
  ['a = yes', 1, 5, '`yes` is not a TOML value'],
  ['a = "x', 1, 5, 'this string is not closed; a quote is missing'],
  ['a = "x\ny"', 1, 7, 'this string is not closed; a quote is missing at the end of the line'],
  ['a = "x\u0001y"', 1, 7, 'control character \\u{1} in a string'],
  ['a = "x" b', 1, 9, 'expected the end of the line, found `b`'],
  ['[[a]', 1, 5, 'expected `]]` to close the table header'],
  ['= 1', 1, 1, 'expected a key'],
  ['a..b = 1', 1, 3, 'a part of this dotted key is empty'],
  ['"""a""" = 1', 1, 1, 'a key cannot be a multi-line string'],
  ['é = 1', 1, 1, 'unexpected character `é` in a key'],
  ['a = [1 2]', 1, 8, 'expected a comma or the closing bracket'],
  ['a = [1,', 1, 5, 'this array is not closed; expected `]`'],
  ['a = {b = 1,', 1, 5, 'this inline table is not closed; expected `}`'],
  ['a = 08', 1, 5, 'a number cannot start with 0'],
  ['a = 1__0', 1, 7, 'an underscore in a number must stand between digits'],
  ['a = 1.', 1, 5, 'this number is not complete'],
  ['a = 1x', 1, 6, 'unexpected character in a number'],
  ['a = "\\uzzzz"', 1, 8, 'expected a hexadecimal digit in this escape'],
  ['a = "\\q"', 1, 7, 'unknown escape in a string'],
  ['a = 2024-13-45', 1, 5, 'invalid date'],
  ['a = 1\na = 2', 2, 1, '`a` is already defined above'],
  ['[a]\n[b]\n[a]', 3, 2, '`a` is already defined above'],
  ['a = {b = 1, b = 2}', 1, 13, '`b` is already defined above'],
  [`a = ${'['.repeat(70)}`, 1, 69, 'arrays and tables are nested too deeply'],
] as const)('says in one sentence what is wrong with %j', ([text, line, column, message]) => {
  expect(parse(text)).toMatchObject({
    ok: false,
    diagnostics: [{ rule: 'toml-syntax', pointer: '', message, position: { line, column } }],
  });
});

test.for([
  ['tables', `${'a.'.repeat(100)}a = 1`],
  ['arrays in tables', `${'a.'.repeat(60)}a = ${'['.repeat(20)}${']'.repeat(20)}`],
] as const)('refuses %s that are nested too deeply to walk', ([, text]) => {
  expect(parse(text)).toMatchObject({ ok: false, diagnostics: [{ rule: 'config-too-deep' }] });
});
