import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../../src/core/diagnostic.ts';
import { locateText } from '../../../../src/core/hive/text/locate-text.ts';
import { maskText } from '../../../../src/core/hive/text/mask-text.ts';
import { parseText } from '../../../../src/core/hive/text/parse-text.ts';

function valueIn(text: string): unknown {
  const parsed = parseText(text);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join());
  return parsed.value.value;
}

/** Each as its rule, its place and its message. */
function problemsIn(text: string): readonly string[] {
  const parsed = parseText(text);
  return parsed.ok
    ? []
    : parsed.diagnostics.map(
        ({ rule, position, message }) => `${rule} ${position?.line}:${position?.column} ${message}`,
      );
}

test('any JSON is read as what it says', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(valueIn(JSON.stringify(value, null, indent))).toEqual(value);
    }),
  );
});

test.each([
  ['a: 0x10\nb: yes\nc: 2026-04-05T15:30:00Z\n', { a: 16, b: 'yes', c: '2026-04-05T15:30:00Z' }],
  ['%YAML 1.1\n---\na: yes\n', { a: 'yes' }],
  ['', null],
  ['# nothing\n', null],
  ['a:\n', { a: null }],
  ['1: one\ntrue: two\n', { 1: 'one', true: 'two' }],
  ['a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
  ['<<: {a: 1}\n', { '<<': { a: 1 } }],
  ['---\na: 1\n...\n', { a: 1 }],
])('%j is read by YAML 1.2', (text, value) => {
  expect(valueIn(text)).toEqual(value);
});

test('a key that would change all objects is a key like any other', () => {
  const value = valueIn('__proto__: {a: 1}\n');
  expect(Object.keys(Object(value))).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test.each([
  ['a: 1\n---\nb: 2', 'hive-several-documents 2:1 a second document begins here'],
  ['a: 1\nb: 2\na: 3', 'hive-duplicate-key 3:1 the key "a" stands twice in one object'],
  ['a: &x [*x]', 'hive-syntax 1:8 an alias of what it is in'],
  ['a: *x', 'hive-syntax 1:4 an alias of nothing'],
  ['a: !foo 1', 'hive-syntax 1:4 a type that is not known'],
  ['a: "x', 'hive-syntax 1:6 something is missing here'],
  ['a: [1', 'hive-syntax 1:6 something is missing here'],
  ['a: b: c', 'hive-syntax 1:4 a key behind a value on the same line'],
  ['? {a: 1}\n: 2\n', 'hive-syntax 1:3 a key that is no text'],
  ['~: 4\n', 'hive-syntax 1:1 a key that is no text'],
  ['a:\n\tb: 1', 'hive-syntax 2:1 a tab before a line'],
  ['a: `x', 'hive-syntax 1:4 a text that begins with a character of YAML'],
  ['a: "\\q"', 'hive-syntax 1:5 a backslash with a character that it does not go with'],
  ['a: 1\n}', 'hive-syntax 2:1 this is no YAML'],
])('%j is no document, and its place is told', (text, problem) => {
  expect(problemsIn(text)).toEqual([expect.stringContaining(problem)]);
});

test('what is too deep is told, however deep it is', () => {
  const told = [
    'hive-syntax 1:101 more levels of lists and objects within each other than any file has',
  ];
  expect(problemsIn('['.repeat(200_000))).toEqual(told);
  expect(problemsIn(`${'['.repeat(101)}1${']'.repeat(101)}`)).toEqual(told);
  expect(problemsIn('- '.repeat(10_000))).toHaveLength(1);
  expect(problemsIn('{a: '.repeat(10_000))).toHaveLength(1);
});

test('aliases that would make a file larger than any memory are refused', () => {
  const line = (index: number) => {
    const ten = Array.from({ length: 10 }, () => `*a${index - 1}`).join();
    return `a${index}: &a${index} [${ten}]\n`;
  };
  const text = `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, index) => line(index + 1)).join('')}`;
  expect(problemsIn(text)).toEqual([expect.stringContaining('too many aliases')]);
});

function placeOf(text: string, pointer: string, more: Partial<Diagnostic> = {}): string {
  const problem = { severity: 'error', rule: 'x', pointer, message: 'm', ...more } as const;
  const [located] = locateText(text, [problem]);
  const { line, column, length } = located?.position ?? { line: 0, column: 0, length: 0 };
  return text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length) ?? '';
}

test('the value or the key that a pointer names is found, or else what is around it', () => {
  const text = 'host:\n  labels: {a/b: "x"}\n  services:\n    - kind: image\n      none:\n';
  expect(placeOf(text, '/host/labels/a~1b')).toBe('"x"');
  expect(placeOf(text, '/host/labels/a~1b', { mark: 'key' })).toBe('a/b');
  expect(placeOf(text, '/host/services/0/kind')).toBe('image');
  expect(placeOf(text, '/host/services/0/none')).toBe('none');
  expect(placeOf(text, '/host/services/0/endpoint')).toBe('k');
  expect(placeOf(text, '/host/address')).toBe('host');
  expect(placeOf(text, '')).toBe('h');
  expect(placeOf('a: [', '/a')).toBe('a');
});

test('places of notes are found too, and those that are known stay', () => {
  const position = { line: 1, column: 2, length: 3 };
  const known = { severity: 'error', rule: 'x', pointer: '/b', message: 'm', position } as const;
  expect(locateText('b: 1', [known])).toEqual([known]);
  const noted = { ...known, notes: [{ pointer: '/b', message: 'n' }] };
  expect(locateText('b: 1', [noted])).toEqual([
    {
      ...known,
      notes: [{ pointer: '/b', message: 'n', position: { line: 1, column: 4, length: 1 } }],
    },
  ]);
});

const secrets = ['s3cret', '"s3cret"', "'s3cret", 's3cret # s3cret', '"s3cret\\" s3cret"'];

test.each(secrets)('a key written as %s is not shown, wherever it stands', (secret) => {
  const texts = [
    `client_api_keys: ${secret}\nopen: 1\n`,
    `auth:\n  client_api_keys: [${secret}, ${secret}]\n  open: 1\n`,
    `auth:\n  client_api_keys:\n  - ${secret}\n\n  # ${secret}\n  - ${secret}\n  open: 1\n`,
    `auth:\n  node_api_keys:\n    - key: ${secret}\n      host_ids: [a]\n  open: 1\n`,
    `auth:\n  node_api_keys: [\n  {"key": ${secret}},\n  ${secret}\n  ]\n  open: 1\n`,
    `{"auth": {"benchmark_api_keys": [${secret}]},\n"open": 1}\n`,
    `password: ${secret}\nopen: 1\n`,
  ];
  for (const text of texts) {
    const masked = maskText(text);
    expect(masked).not.toContain('s3cret');
    if (parseText(text).ok) expect(masked).toContain('open');
    expect(masked.split('\n').map(({ length }) => length)).toEqual(
      text.split('\n').map(({ length }) => length),
    );
  }
});

test('names of keys stay, so that a mistake in them is seen', () => {
  const text = 'node_api_keys:\n  - key: abc\n    key_idd: n1\n';
  expect(maskText(text)).toBe('node_api_keys:\n  - key: •••\n    key_idd: ••\n');
  const open = 'auth:\n  node_key_id: nk_1\nmax_tokens: 3\nendpoint: http://h:1/a\n';
  expect(maskText(open)).toBe(open);
});

test('a password in a URL is not shown', () => {
  expect(maskText('endpoint: http://me:s3cret@h/\n')).toBe('endpoint: http://•••••••••@h/\n');
});

const pieces = fc.constantFrom(
  ...['a', ': ', ':', '- ', '\n', '  ', '\t', '[', ']', '{', '}', ',', '"', "'", '#', '&a ', '*a'],
  ...['!t ', '|', '>', '---\n', '...\n', '%YAML 1.2\n', '? ', '<<', '~', '1', 'key', '\\', '\r'],
);

test('any text is read or refused with a place in it, and masking keeps all lengths', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      const parsed = parseText(text);
      const lines = text.split('\n').length;
      for (const { position } of parsed.ok ? [] : parsed.diagnostics) {
        expect(position?.line).toBeLessThanOrEqual(lines);
      }
      expect(maskText(text)).toHaveLength(text.length);
      expect(placeOf(text, '/a/b')).toEqual(expect.any(String));
    }),
    { numRuns: 3000 },
  );
});
