import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns } from '../../../src/core/report/columns.ts';
import { table } from '../../../src/core/report/table.ts';
import { shortened, textWidth, withoutColours } from '../../../src/core/report/text-width.ts';
import { wrap, wrapProse } from '../../../src/core/report/wrap.ts';

test('colours take no room, wide characters take two columns, and marks none', () => {
  expect(textWidth('\u001b[1m\u001b[31mred\u001b[0m\u001b[0m')).toBe(3);
  expect(textWidth('推論')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
});

test('columns are aligned by what a terminal shows', () => {
  expect(
    columns([
      ['推論', 'x'],
      ['\u001b[31mred\u001b[0m', 'y'],
    ]),
  ).toEqual(['推論  x', '\u001b[31mred\u001b[0m   y']);
});

test('a text that was shortened fits, and says that something is missing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const plain = text.replace(/\p{Cc}/gu, '');
      const short = shortened(plain, width);
      expect(textWidth(short)).toBeLessThanOrEqual(width);
      expect(short === plain || short.endsWith('…')).toBe(true);
    }),
  );
});

test('a line that is broken loses no word, and a command in backticks stays whole', () => {
  const line =
    '  note: run `sudo vllmd install --dry-run` to see what is different on this host now';
  expect(wrap(line, 44, '    ')).toEqual([
    '  note: run `sudo vllmd install --dry-run`',
    '    to see what is different on this host',
    '    now',
  ]);
  expect(wrap(line, undefined)).toEqual([line]);
  expect(wrap(line, 20)).toEqual([line]);
});

const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '推'), maxLength: 20 });
const titles = [
  { title: 'A', rank: 1 },
  { title: 'B', least: 4 },
  { title: 'C', least: 6, breaks: true as const },
  { title: 'D', rank: 2 },
];

test('a table is never wider than its terminal, as far as that can be', () => {
  const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 50, max: 120 }), (cells, width) => {
      const { lines } = table(titles, cells, width);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test('without a terminal nothing is cut or left out', () => {
  const rows = [['1', 'a long name of a runtime', 'some remarks that are long', '4']];
  const { lines, leftOut } = table(titles, rows, undefined);
  expect(lines.at(1)).toBe('1  a long name of a runtime  some remarks that are long  4');
  expect(leftOut).toEqual([]);
  expect(table(titles, rows, 16)).toMatchObject({ leftOut: ['A'] });
  expect(table(titles, rows, 14)).toMatchObject({ leftOut: ['A', 'D'] });
});

test('messages and their help are broken to the terminal; excerpts and trees are not', () => {
  const excerpt = `12 | ${'x'.repeat(60)}`;
  const text = [
    '\u001b[1m\u001b[31merror[memory-fits]\u001b[0m\u001b[0m: the runtimes ask for more memory than this host has',
    excerpt,
    '   = \u001b[1mhelp\u001b[0m: give fewer runtimes, or set memory_gb = 32 of each',
    '',
  ].join('\n');
  expect(withoutColours(wrapProse(text, 50)).split('\n')).toEqual([
    'error[memory-fits]: the runtimes ask for more',
    '  memory than this host has',
    excerpt,
    '   = help: give fewer runtimes, or set memory_gb =',
    '           32 of each',
    '',
  ]);
  expect(wrapProse(text, undefined)).toBe(text);
});
