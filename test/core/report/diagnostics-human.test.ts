import { expect, test } from 'vitest';
import type { Diagnostic, Position } from '../../../src/core/diagnostic.ts';
import { diagnosticsHuman } from '../../../src/core/report/diagnostics-human.ts';
import { diagnosticsJson } from '../../../src/core/report/diagnostics-json.ts';
import { plainStyle, type Style } from '../../../src/core/report/style.ts';

function problem(position?: Position, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    severity: 'error',
    rule: 'unknown-key',
    pointer: '/runtimes/0/memry_gb',
    message: 'runtimes[0].memry_gb: unknown key',
    ...(position === undefined ? {} : { position }),
    ...more,
  };
}

function shown(text: string, ...diagnostics: readonly Diagnostic[]): string {
  return diagnosticsHuman(diagnostics, { file: 'vllmd.toml', text }, plainStyle);
}

test('frames each problem in the order of the file and counts them', () => {
  const text = `${'\n'.repeat(8)}[a]\nmemry_gb = 32\n`;
  const first = problem(
    { line: 9, column: 2, length: 1 },
    { severity: 'warning', help: 'one\ntwo' },
  );
  const second = problem({ line: 10, column: 1, length: 8 }, { help: 'rename it' });
  expect(shown(text, problem(), second, first)).toMatchInlineSnapshot(`
    "warning[unknown-key]: runtimes[0].memry_gb: unknown key
     --> vllmd.toml:9:2
      |
    9 | [a]
      |  ^
      = help: one
              two

    error[unknown-key]: runtimes[0].memry_gb: unknown key
      --> vllmd.toml:10:1
       |
    10 | memry_gb = 32
       | ^^^^^^^^
       = help: rename it

    error[unknown-key]: runtimes[0].memry_gb: unknown key
     --> vllmd.toml

    2 errors, 1 warning in vllmd.toml
    help: \`vllmd explain unknown-key\` says more
    "
  `);
});

test('counts what there is', () => {
  const position = { line: 1, column: 1, length: 1 };
  expect(shown('x', problem(position))).toMatch(/\n\n1 error in vllmd\.toml\nhelp: /);
  expect(shown('x', problem(position), problem(position))).toMatch(/\n\n2 errors in vllmd/);
  expect(shown('x', problem(position, { severity: 'warning' }))).toMatch(/\n\n1 warning in vllmd/);
  expect(shown('x')).toBe('');
});

test('says how many more there are after the first 50', () => {
  const many = Array.from({ length: 53 }, () => problem({ line: 1, column: 1, length: 1 }));
  const text = shown('x', ...many);
  expect(text.match(/^error/gm)).toHaveLength(50);
  expect(
    text.endsWith(
      '\n\n… and 3 more\n\n53 errors in vllmd.toml\nhelp: `vllmd explain unknown-key` says more\n',
    ),
  ).toBe(true);
});

/** The source line and the carets below it. */
function lines(text: string, position: Position): readonly string[] {
  return shown(text, problem(position))
    .split('\n')
    .slice(3, 5)
    .map((line) => line.slice(4));
}

test('shows the place after the last line without an excerpt', () => {
  expect(shown('x\n', problem({ line: 3, column: 1, length: 1 }))).not.toContain('|');
  expect(lines('x\n', { line: 2, column: 1, length: 1 })).toEqual(['', '^']);
  expect(lines('x', { line: 1, column: 9, length: 5 })).toEqual(['x', ' ^']);
});

test.for([
  ['tabs', '\tab', { line: 1, column: 2, length: 2 }, '    ab', '    ^^'],
  [
    'control characters',
    '\u001b[1m = "\u0000"',
    { line: 1, column: 8, length: 3 },
    '\\u{1b}[1m = "\\u{0}"',
    '            ^^^^^^^',
  ],
  [
    'wide characters',
    '日本 = "日"',
    { line: 1, column: 6, length: 3 },
    '日本 = "日"',
    '       ^^^^',
  ],
  ['combining marks', 'e\u0301 = 1', { line: 1, column: 6, length: 1 }, 'e\u0301 = 1', '    ^'],
  [
    'a value to the end of the line',
    'a = """x',
    { line: 1, column: 5, length: 99 },
    'a = """x',
    '    ^^^^',
  ],
] as const)('puts the carets below the right columns: %s', ([, text, position, line, carets]) => {
  expect(lines(text, position)).toEqual([line, carets]);
});

test('cuts a long line around the carets', () => {
  const text = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
  expect(lines(text, { line: 1, column: 501, length: 4 })).toEqual([
    `…${'a'.repeat(40)}HERE${'b'.repeat(56)}…`,
    `${' '.repeat(41)}^^^^`,
  ]);
  expect(lines(text, { line: 1, column: 1, length: 600 })).toEqual([
    `${'a'.repeat(100)}…`,
    '^'.repeat(100),
  ]);
  expect(lines(text, { line: 1, column: 1004, length: 1 })).toEqual([
    `…${'b'.repeat(100)}`,
    `${' '.repeat(100)}^`,
  ]);
});

test('does not cut a long line inside a character', () => {
  const text = `x${'😀'.repeat(300)}`;
  expect(lines(text, { line: 1, column: 301, length: 2 })[0]).toMatch(/^…(?:😀)+…$/u);
});

const firstUse = {
  pointer: '/runtimes/0/index',
  message: 'first used here',
  position: { line: 9, column: 3, length: 5 },
};

test('frames the other places of a problem before it says what helps', () => {
  const text = `${'\n'.repeat(8)}  index = 1\n\nindex = 1\n`;
  const notes = [firstUse, { pointer: '/x', message: 'not in the file' }];
  const repeat = problem({ line: 11, column: 9, length: 1 }, { notes, help: 'change one' });
  expect(shown(text, repeat)).toMatchInlineSnapshot(`
    "error[unknown-key]: runtimes[0].memry_gb: unknown key
      --> vllmd.toml:11:9
       |
    11 | index = 1
       |         ^
    note: first used here
      --> vllmd.toml:9:3
       |
     9 |   index = 1
       |   ^^^^^
    note: not in the file
      --> vllmd.toml
       = help: change one

    1 error in vllmd.toml
    help: \`vllmd explain unknown-key\` says more
    "
  `);
});

test('names one rule to read about where there are several', () => {
  const text = shown('x', problem(), problem(undefined, { rule: 'missing-key' }));
  expect(text).toMatch(/\nhelp: `vllmd explain RULE` says more about each, such as unknown-key\n$/);
});

test('marks with colours, and prints no control characters of its input', () => {
  const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
  const style: Style = {
    bold: tag('b'),
    red: tag('r'),
    yellow: tag('y'),
    green: tag('g'),
    cyan: tag('c'),
    dim: tag('d'),
  };
  const position = { line: 1, column: 1, length: 1 };
  const diagnostics = [problem(position, { message: 'a\u001bb', help: 'c\u0007d' })];
  expect(
    diagnosticsHuman(diagnostics, { file: 'f\u001b', text: 'x' }, style),
  ).toMatchInlineSnapshot(`
    "<b><r>error[unknown-key]</r></b><b>: a\\u{1b}b</b>
     <c>--></c> f\\u{1b}:1:1
      <c>|</c>
    <c>1</c> <c>|</c> x
      <c>|</c> <r>^</r>
      <c>=</c> <b>help</b>: c\\u{7}d

    1 error in f\\u{1b}
    <b>help</b>: \`vllmd explain unknown-key\` says more
    "
  `);
  expect(
    diagnosticsHuman([problem(position, { severity: 'warning' })], { file: 'f', text: 'x' }, style),
  ).toContain('<y>^</y>');
});

test('has the same facts as JSON', () => {
  const position = { line: 12, column: 3, length: 8 };
  expect(diagnosticsJson([problem(position, { help: 'rename it' })], { file: 'f' })).toEqual([
    {
      severity: 'error',
      rule: 'unknown-key',
      path: 'runtimes[0].memry_gb',
      pointer: '/runtimes/0/memry_gb',
      message: 'runtimes[0].memry_gb: unknown key',
      help: 'rename it',
      file: 'f',
      line: 12,
      column: 3,
      end_line: 12,
      end_column: 11,
    },
  ]);
  expect(diagnosticsJson([problem()], { file: 'f' })[0]).not.toHaveProperty('line');
});

test('tells programs where something of several lines ends, and the other places', () => {
  const end = { line: 14, column: 2 };
  const long = problem({ line: 12, column: 8, length: 1, end }, { notes: [firstUse] });
  expect(diagnosticsJson([long], { file: 'f' })).toMatchObject([
    {
      line: 12,
      column: 8,
      end_line: 14,
      end_column: 2,
      notes: [
        {
          path: 'runtimes[0].index',
          pointer: '/runtimes/0/index',
          message: 'first used here',
          file: 'f',
          line: 9,
          column: 3,
          end_line: 9,
          end_column: 8,
        },
      ],
    },
  ]);
});

test('has the same order as JSON: that of the file, what is of no place in it last', () => {
  const at = (line: number, column: number) => ({ line, column, length: 1 });
  const list = [
    problem(undefined, { rule: 'host', subject: 'host' }),
    problem(at(10, 1), { rule: 'c' }),
    problem(at(9, 7), { rule: 'b' }),
    problem(at(9, 2), { rule: 'a' }),
    problem(at(9, 7), { rule: 'b2' }),
  ];
  const order = ['a', 'b', 'b2', 'c', 'host'];
  expect(diagnosticsJson(list, { file: 'f' }).map(({ rule }) => rule)).toEqual(order);
  const frames = shown('x', ...list).matchAll(/^error\[(\w+)\]/gm);
  expect([...frames].map(([, rule]) => rule)).toEqual(order);
});

test('shows a problem of the host without a place in the file', () => {
  const ofHost = problem(undefined, { subject: 'host', message: 'no KVM', help: 'load it' });
  expect(shown('x', ofHost)).toBe(
    'error[unknown-key]: no KVM\n  = help: load it\n\n1 error in this host\nhelp: `vllmd explain unknown-key` says more\n',
  );
  expect(diagnosticsJson([ofHost], { file: 'f' })[0]).not.toHaveProperty('file');
});
