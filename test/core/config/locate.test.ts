import { expect, test } from 'vitest';
import { locate } from '../../../src/core/config/locate.ts';
import { parse } from '../../../src/core/config/parse.ts';
import { type Diagnostic, errorAt, withNote } from '../../../src/core/diagnostic.ts';

const TEXT = `# é😀
top.dotted = 1
inline = { a = [1, { b = 2 }], "q k" = 3 }
[global]
user = """two
lines"""
[[runtimes]]
name = "é😀" # after
gpus = [
  "a",
  "b",
]
[[runtimes]]
index = 2
[runtimes.llama]
x = 1
["a.b".'c/d']
e = 1
`;

/** The text that is marked for a pointer, after its line. */
function marked(pointer: string, mark: 'key' | 'value' = 'value', text = TEXT): string {
  const diagnostic: Diagnostic = { ...errorAt('rule', pointer, 'message'), mark };
  const [located] = locate(text, [diagnostic]);
  if (located?.position === undefined) return '';
  const { line, column, length } = located.position;
  return `${line}: ${text.split(/\r?\n/)[line - 1]?.slice(column - 1, column - 1 + length)}`;
}

test.for([
  ['/top', '2: top', '2: top'],
  ['/top/dotted', '2: dotted', '2: 1'],
  ['/inline/a', '3: a', '3: [1, { b = 2 }]'],
  ['/inline/a/1', '3: { b = 2 }', '3: { b = 2 }'],
  ['/inline/a/1/b', '3: b', '3: 2'],
  ['/inline/q k', '3: "q k"', '3: 3'],
  ['/global', '4: global', '4: global'],
  ['/global/user', '5: user', '5: """two'],
  ['/runtimes', '7: runtimes', '7: runtimes'],
  ['/runtimes/0', '7: runtimes', '7: runtimes'],
  ['/runtimes/0/name', '8: name', '8: "é😀"'],
  ['/runtimes/0/gpus', '9: gpus', '9: ['],
  ['/runtimes/0/gpus/1', '11: "b"', '11: "b"'],
  ['/runtimes/1', '13: runtimes', '13: runtimes'],
  ['/runtimes/1/index', '14: index', '14: 2'],
  ['/runtimes/1/llama', '15: llama', '15: llama'],
  ['/runtimes/1/llama/x', '16: x', '16: 1'],
  ['/a.b', '17: "a.b"', '17: "a.b"'],
  ['/a.b/c~1d', "17: 'c/d'", "17: 'c/d'"],
  ['/a.b/c~1d/e', '18: e', '18: 1'],
] as const)('finds the key and the value of %s', ([pointer, key, value]) => {
  expect([marked(pointer, 'key'), marked(pointer)]).toEqual([key, value]);
});

test.for([
  ['/global/missing', '4: global'],
  ['/runtimes/1/name', '13: runtimes'],
  ['/inline/a/1/missing/deeper', '3: { b = 2 }'],
  ['/missing', '1: #'],
  ['', '1: #'],
] as const)('marks what is around %s, which is not in the file', ([pointer, place]) => {
  expect(marked(pointer)).toBe(place);
});

const WIDE = `t = { a = "é😀日", b = "é" }\r
m = """x\r
y😀"""\r
l = [\r
  "日", # é\r
]\r
"d.e" = { "😀" = 1 }\r
`;

test.for(
  Object.entries({
    '/t/b': '1:23-1:26',
    '/m': '2:5-3:7',
    '/l': '4:5-6:2',
    '/l/0': '5:3-5:6',
    '/d.e': '7:9-7:21',
    '/d.e/😀': '7:18-7:19',
  }),
)('counts columns in UTF-16 code units, and says where %s ends: %s', ([pointer, range]) => {
  const [located] = locate(WIDE, [errorAt('rule', pointer, 'message')]);
  const { line = 0, column = 0, length = 0, end } = located?.position ?? {};
  const last = end ?? { line, column: column + length };
  expect(`${line}:${column}-${last.line}:${last.column}`).toBe(range);
});

test('counts the columns of a syntax error in the same units', () => {
  const parsed = parse('a = ["é😀日" 1]\n');
  expect(parsed.ok ? [] : parsed.diagnostics).toMatchObject([
    { position: { line: 1, column: 13, length: 1 } },
  ]);
});

test('finds the other places of a problem', () => {
  const problem = withNote(errorAt('rule', '/runtimes/1/index', 'x'), '/runtimes/0/name', 'here');
  const [located] = locate(TEXT, [problem]);
  expect(located?.position?.line).toBe(14);
  expect(located?.notes).toEqual([
    { pointer: '/runtimes/0/name', message: 'here', position: { line: 8, column: 8, length: 5 } },
  ]);
});

test.for([
  ['[global]\nuser = "a"\nuser = "b"\n', '2:1-2:5'],
  ['[global]\nuser = "a"\n[network]\n[global]\n', '1:2-1:8'],
  ['[[runtimes]]\nindex = 1\n[[runtimes]]\nindex = 2\nindex = 3\n', '4:1-4:6'],
  ['[[runtimes]]\nindex = 1\n[runtimes]\n', '1:3-1:11'],
  ['a.b = 1\na.b = 2\n', '1:3-1:4'],
  ['a = 1\na = 2\n', '1:1-1:2'],
  ['[x]\na.b = 1\na = 2\n', '2:1-2:2'],
  ['[a]\n"user" = 1\r\n\tuser = 2\n', '2:1-2:7'],
] as const)('finds what %j has defined already', ([text, range]) => {
  const parsed = parse(text);
  const [located] = locate(text, parsed.ok ? [] : parsed.diagnostics);
  expect(located?.notes?.map(({ message }) => message)).toEqual(['first defined here']);
  const { line = 0, column = 0, length = 0 } = located?.notes?.[0]?.position ?? {};
  expect(`${line}:${column}-${line}:${column + length}`).toBe(range);
});

test.for(['a = {b = 1, b = 2}', '[a]\n"b c" = 1\n"b c" = 2\n', 'a = 1\nb = ?\n'])(
  'shows no other place where it knows of none: %j',
  (text) => {
    const parsed = parse(text);
    const [located] = locate(text, parsed.ok ? [] : parsed.diagnostics);
    expect(located?.rule).toBe('toml-syntax');
    expect(located).not.toHaveProperty('notes');
  },
);

test('counts lines that end in CRLF', () => {
  expect(marked('/runtimes/1/index', 'value', TEXT.replaceAll('\n', '\r\n'))).toBe('14: 2');
});

test.for(['= broken', 'a = 1\na = 2\n', '', '\u0000'])('falls back to line 1 of %j', (text) => {
  expect(locate(text, [errorAt('rule', '/b', 'message')])[0]?.position).toEqual({
    line: 1,
    column: 1,
    length: 1,
  });
});

test('keeps a position that is known already', () => {
  const position = { line: 7, column: 3, length: 2 };
  const diagnostic = { ...errorAt('toml-syntax', '', 'message'), position };
  expect(locate('= broken', [diagnostic])).toEqual([diagnostic]);
});

test('does not parse a text of more than 1 MiB a second time', () => {
  const text = `a = 1\nb = "${'x'.repeat(2 ** 20)}"\n`;
  expect(locate(text, [errorAt('rule', '/b', 'message')])[0]?.position?.line).toBe(1);
});

test('gives no place to a problem of the host', () => {
  const diagnostic: Diagnostic = { ...errorAt('rule', '/global', 'message'), subject: 'host' };
  expect(locate(TEXT, [diagnostic])).toEqual([diagnostic]);
});
