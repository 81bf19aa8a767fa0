import { expect, test } from 'vitest';
import { locate } from '../../../src/core/config/locate.ts';
import { parse } from '../../../src/core/config/parse.ts';
import { showTyped } from '../../../src/core/config/show-value.ts';
import { TEXT_HELP } from '../../../src/core/config/toml-value-messages.ts';

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
  ['nan', 'nan (float)'],
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
  ['a = [1,\n', 1, 5, 'this array is not closed; expected `]`'],
  ['a = [1, # one\n\n# two', 1, 5, 'this array is not closed; expected `]`'],
  ['a = [1,\nb = 2', 1, 5, 'this array is not closed; expected `]`'],
  ['a = [\n  "x",\n[[b]]', 1, 5, 'this array is not closed; expected `]`'],
  ['a = []\nb = {c =\n', 2, 9, 'a value is missing after `=`'],
  ['a = ["]",\n', 1, 5, 'this array is not closed; expected `]`'],
  ['a = [,]', 1, 6, 'a value is missing before `,`'],
  ['[a', 1, 3, 'expected `]` to close the table header'],
  ['  [a.b # c\n', 1, 7, 'expected `]` to close the table header'],
  ['[[a\n', 1, 4, 'expected `]]` to close the table header'],
  ['{"a": 1}', 1, 1, 'this is JSON, and a config is TOML'],
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
  ['gpus = [0000:16:00.0]', 'write "0000:16:00.0"', 12],
  ['gpus = ["0000:16:00.0", b1:00.0]', 'write "0000:b1:00.0"', 7],
  ['gpus = [ 16:00.0 ]', 'write "0000:16:00.0"', 7],
  ['memory_gb = 121G', 'write 121: the unit is GiB', 4],
  ['memory_gb = 121 GiB # all', 'write 121: the unit is GiB', 7],
  ['memory_gb = 1.5T', 'write 1536: the unit is GiB', 4],
  ['memory_gb = 2000M', 'write a whole number of GiB, such as 2', 5],
  ['cpus = 8k', 'write a number alone', 2],
  ['autostart = yes', 'write true; for a key that takes text, put it in quotes: "yes"', 3],
  ['autostart = True', 'write true, in lower case', 4],
  ['user = “vllm”', 'write the straight one, U+0022: "vllm"', 6],
  ['user = vllm', 'text goes between quotes: key = "text"', 4],
  ['a = 08', 'remove the zero', 1],
  ['memory_gb = 1,000', 'write memory_gb = 1000', 5],
  ['cpus = 8, # all', 'write cpus = 8', 2],
  ['index: 1', 'write index = 1', 1],
  ['[global', 'write [global]', 1],
  ['[[runtimes]', 'write [[runtimes]]', 1],
  ['a = [1 2]', 'a comma stands between two items; `]` ends a list, `}` an inline table', 1],
  [
    'a.b = 1\na.b = 2',
    'a key or a table is written once; each further runtime starts with its own [[runtimes]]',
    3,
  ],
] as const)('says of %j what to write, and marks all of it', ([text, help, length]) => {
  expect(parse(text)).toMatchObject({ diagnostics: [{ help, position: { length } }] });
});

test('a recording of `vllmd facts` is told from a config', () => {
  const recording = '{\n  "format_version": "1.0",\n  "kind": "vllmd-facts",\n  "read": {}\n}\n';
  expect(parse(recording)).toMatchObject({
    diagnostics: [
      {
        message: 'this is a recording of `vllmd facts`, and no config',
        help: 'name it with --facts FILE, and the config with --config FILE',
      },
    ],
  });
});

test.for([
  ['tables', `${'a.'.repeat(100)}a = 1`],
  ['arrays in tables', `${'a.'.repeat(60)}a = ${'['.repeat(20)}${']'.repeat(20)}`],
] as const)('refuses %s that are nested too deeply to walk', ([, text]) => {
  expect(parse(text)).toMatchObject({ ok: false, diagnostics: [{ rule: 'config-too-deep' }] });
});

function toldOf(text: string): readonly string[] {
  const result = parse(text);
  return result.ok
    ? []
    : result.diagnostics.map(
        ({ rule, message, position }) => `${position?.line}:${position?.column} ${rule} ${message}`,
      );
}

test('tells every line of a key that is no TOML, and what is defined twice below one', () => {
  const text = `# one
[global]
user = vllm
logs = "x
interface = "eth0"
interface = "eth1"

[[runtimes]]
index = 1
memory_gb = 121G # all
gpus = ["0000:16:00.0" "0000:b1:00.0"]
na me = "two"
name = "one"
`;
  expect(toldOf(text)).toEqual([
    '3:8 toml-syntax `vllm` is not a TOML value',
    '4:10 toml-syntax this string is not closed; a quote is missing at the end of the line',
    '6:1 toml-syntax `interface` is already defined above',
    '10:13 toml-syntax `121G` is no number: a number has no unit',
    '11:24 toml-syntax expected a comma or the closing bracket',
    '12:4 toml-syntax unexpected character `m` in a key',
  ]);
});

test.for([
  ['a header, below which keys would belong elsewhere', '[a\nb = 1\nb = 2\n'],
  ['a list that is open', 'a = [ 1 2,\n3 ]\nb = ?\n'],
  ['a line within a list', 'a = [\n1\nb = 2\n]\nc = ?\n'],
  ['an open inline table', 'a = { b = ?,\nc = 1 }\n'],
  ['a long string', 'a = """\nx\n""" b\nc = ?\n'],
  ['the line of a long string', 'a = ? """\nx = 1 1\n"""\n'],
  ['a list on the line below its key', 'a =\n  ["x", "y:z"]\nb = ?\n'],
  ['a string over two lines', 'a = "x\ny"\n'],
  ['a line without a key', 'a b\nc d\n'],
] as const)('tells nothing that may come of %s', ([, text]) => {
  expect(toldOf(text)).toHaveLength(1);
});

test('says of the last one that there may be more, where something stands below', () => {
  const helpOf = (text: string) => {
    const result = parse(text);
    return result.ok ? [] : result.diagnostics.map(({ help }) => help);
  };
  const more = 'what stands below was not read: there may be more';
  expect(helpOf('a = ?\n[b\nc = 1\n')).toEqual([TEXT_HELP, `write [b]\n${more}`]);
  expect(helpOf('a = ?\n[b\n# c\n\n')).toEqual([TEXT_HELP, 'write [b]']);
  expect(helpOf('a = ?\n'.repeat(21)).at(-1)).toBe(`${TEXT_HELP}\n${more}`);
});

test('proposes no secret where a colon stands for an equals sign', () => {
  const result = parse('user_data: /srv/hunter2\n');
  expect(JSON.stringify(result)).not.toContain('hunter2');
});

test('is done with a long line of quotes as soon as with another', () => {
  expect(toldOf(`a = "${'\\"'.repeat(100_000)}\nb = 1\n`)).toHaveLength(1);
});

test('tells 20 lines at most, and of a text of more than 256 KiB the first', () => {
  expect(toldOf('a = ?\n'.repeat(30))).toHaveLength(20);
  expect(toldOf(`${'a = ?\n'.repeat(30)}# ${'x'.repeat(2 ** 18)}\n`)).toHaveLength(1);
});

test('leaves out what it has told where it looks for a first definition', () => {
  const text = 'a = ?\nb = 1\nb = ?\nb = 2\n';
  const result = parse(text);
  const located = locate(text, result.ok ? [] : result.diagnostics);
  expect(located.map(({ notes }) => notes?.[0]?.position?.line)).toEqual([undefined, 2, 2]);
});
