import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/core/config/load.ts';
import { locate } from '../../../src/core/config/locate.ts';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { diagnosticsHuman } from '../../../src/core/report/diagnostics-human.ts';
import { plainStyle } from '../../../src/core/report/style.ts';

const MINIMAL = '[global]\nuser = "vllm"\n';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function problemsOf(input: Uint8Array): readonly Diagnostic[] {
  const { result } = loadConfig(input);
  return result.ok ? [] : result.diagnostics;
}

test('accepts a minimal file', () => {
  expect(loadConfig(bytes(MINIMAL)).result).toEqual({
    ok: true,
    value: { global: { user: 'vllm' } },
    warnings: [],
  });
});

test('drops a byte order mark and reads CRLF line ends', () => {
  const { text, result } = loadConfig(bytes(`\u{feff}${MINIMAL.replaceAll('\n', '\r\n')}`));
  expect(text.startsWith('[global]')).toBe(true);
  expect(result.ok).toBe(true);
});

test('asks for [global] and shows a whole file when the file is empty', () => {
  const [problem, ...others] = problemsOf(new Uint8Array());
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ rule: 'missing-key', pointer: '/global' });
  const shown = problem?.help?.replace('the smallest file is\n', '') ?? '';
  expect(problemsOf(bytes(shown))).toEqual([]);
});

test('refuses a file of 10 MB without reading it', () => {
  const { text, result } = loadConfig(new Uint8Array(10_000_000).fill(0x61));
  expect(text).toBe('');
  expect(result).toMatchObject({ ok: false, diagnostics: [{ rule: 'config-too-large' }] });
});

test.for([
  ['a NUL byte', [0x61, 0x0a, 0x62, 0x00], 'a NUL byte at byte 3', 2, 2],
  ['Latin-1', [0x61, 0x0a, 0xe9, 0x22], 'not UTF-8 at byte 2', 2, 1],
  ['an ELF header', [0x7f, 0x45, 0x4c, 0x46, 0x02, 0x00], 'a NUL byte at byte 5', 1, 6],
  [
    'a cut-off character after a byte order mark',
    [0xef, 0xbb, 0xbf, 0x61, 0xc3],
    'not UTF-8 at byte 4',
    1,
    2,
  ],
  ['a character that is cut off at the end', [0x61, 0xef, 0xbf], 'not UTF-8 at byte 1', 1, 2],
  [
    'a byte behind a replacement character that is written out',
    [0x61, 0xef, 0xbf, 0xbd, 0xef, 0xbf, 0x41],
    'not UTF-8 at byte 4',
    1,
    3,
  ],
] as const)('points at the byte that is not text: %s', ([, input, message, line, column]) => {
  const { text, result } = loadConfig(Uint8Array.from(input));
  expect(text).not.toBe('');
  expect(result).toMatchObject({
    ok: false,
    diagnostics: [
      {
        rule: 'config-not-text',
        message: `${message}: a config file is UTF-8 text`,
        position: { line, column, length: 1 },
      },
    ],
  });
});

test.for([
  ['utf-16le', '\ufeff', 'utf-16'],
  ['utf-16be', '\ufeff', 'utf-16'],
  ['utf-16le', '', 'utf-16le'],
  ['utf-16be', '', 'utf-16be'],
] as const)('reads %s, with the mark %j, well enough to say so', ([encoding, mark, name]) => {
  const little = Buffer.from(`${mark}user = "vllm"\n`, 'utf16le');
  const { text, result } = loadConfig(encoding === 'utf-16le' ? little : little.swap16());
  expect(text).toBe('user = "vllm"\n');
  expect(result).toMatchObject({
    diagnostics: [
      {
        rule: 'config-not-text',
        message: `the file is ${encoding.toUpperCase()}: a config file is UTF-8 text`,
        help: `save it as UTF-8, or: iconv -f ${name} -t utf-8 OLD > NEW`,
      },
    ],
  });
});

/** Loads, locates and prints, which is all that the program does with a bad file. */
function reported(input: Uint8Array): string {
  const { text, result } = loadConfig(input);
  if (result.ok) return '';
  return diagnosticsHuman(locate(text, result.diagnostics), { file: 'f.toml', text }, plainStyle);
}

test('never throws on arbitrary bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (input) => reported(input) !== 'x'));
});

test('never throws on lines that look like TOML, and prints no control characters', () => {
  const key = fc.constantFrom(
    'user',
    'global',
    'runtimes',
    'name',
    'gpus',
    '__proto__',
    '"a b"',
    'a.b',
    '',
  );
  const value = fc.oneof(
    fc.constantFrom(
      '1',
      '8.0',
      '-1',
      '1e3',
      'true',
      '[]',
      '{}',
      '[1, "a"]',
      '{a = {b = 1}}',
      '"\\u0000"',
      '"\\u001b[31m"',
      '1979-05-27',
      '99999999999999999999',
      'nan',
      '"x',
      "'''",
    ),
    fc.string().map((text) => JSON.stringify(text)),
    fc.string({ unit: 'binary' }),
  );
  const line = fc.oneof(
    fc.tuple(key, value).map(([name, text]) => `${name} = ${text}`),
    key.map((name) => `[${name}]`),
    key.map((name) => `[[${name}]]`),
    fc.constantFrom('schema_version = 1', '[[runtimes]]', '[runtimes.llama]', '# comment'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      expect(reported(bytes(lines.join('\n')))).not.toMatch(/[^\P{Cc}\n]/u);
    }),
    { numRuns: 500 },
  );
});
