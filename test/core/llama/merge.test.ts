import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TomlTree } from '../../../src/core/config/toml-tree.ts';
import { mergeInto, optionName, serverTables } from '../../../src/core/llama/server-table.ts';
import type { ServerTable } from '../../../src/core/llama/written.ts';
import { optionTable } from '../../support/llama-trees.ts';

const serverTable = serverTables();

function merged(defaults: TomlTree, own: TomlTree): ServerTable {
  return mergeInto(serverTable(defaults, '/instance/server'))(
    serverTable(own, '/instance/x/server'),
  );
}

/** By option, without the dashes. */
function valuesOf(table: ServerTable): ReadonlyMap<string, readonly unknown[]> {
  return new Map(table.entries.map(({ option, values }) => [option, values.map((v) => v.value)]));
}

const twoTables = fc.tuple(optionTable, optionTable);

test('a list of an instance follows that of all instances', () => {
  fc.assert(
    fc.property(twoTables, ([defaults, own]) => {
      const values = valuesOf(merged(defaults, own));
      for (const [key, value] of Object.entries(own)) {
        const before = defaults[key];
        if (!Array.isArray(value) || !Array.isArray(before)) continue;
        expect(values.get(optionName(key))).toEqual([...before, ...value]);
      }
    }),
  );
});

test('anything else of an instance takes the place of what all instances have', () => {
  fc.assert(
    fc.property(twoTables, ([defaults, own]) => {
      const values = valuesOf(merged(defaults, own));
      for (const [key, value] of Object.entries(own)) {
        if (Array.isArray(value) && Array.isArray(defaults[key])) continue;
        expect(values.get(optionName(key))).toEqual([value].flat());
      }
    }),
  );
});

test('what an instance does not have is that of all instances', () => {
  fc.assert(
    fc.property(twoTables, ([defaults, own]) => {
      const values = valuesOf(merged(defaults, own));
      for (const [key, value] of Object.entries(defaults)) {
        if (!(key in own)) expect(values.get(optionName(key))).toEqual([value].flat());
      }
    }),
  );
});

test('a key keeps its position among those of all instances, and new ones follow in their order', () => {
  fc.assert(
    fc.property(twoTables, ([defaults, own]) => {
      const order = merged(defaults, own).entries.map(({ option }) => option);
      const added = Object.keys(own).filter((key) => !(key in defaults));
      expect(order).toEqual([...Object.keys(defaults), ...added].map(optionName));
    }),
  );
});

test('one instance changes nothing for the next', () => {
  fc.assert(
    fc.property(optionTable, optionTable, optionTable, (defaults, first, second) => {
      const merge = mergeInto(serverTable(defaults, '/instance/server'));
      merge(serverTable(first, '/instance/a/server'));
      const own = serverTable(second, '/instance/x/server');
      expect(merge(own)).toEqual(merged(defaults, second));
    }),
  );
});

test('words of extra_args add up, those of all instances first', () => {
  const { extraWords, entries } = merged({ extra_args: ['a', 'b'] }, { 'extra-args': ['c'] });
  expect(extraWords).toEqual([
    { value: 'a', pointer: '/instance/server/extra_args/0' },
    { value: 'b', pointer: '/instance/server/extra_args/1' },
    { value: 'c', pointer: '/instance/x/server/extra-args/0' },
  ]);
  expect(entries).toEqual([]);
});

test('what no option can be is left out', () => {
  const date = () => ({ kind: 'date', text: '1979-05-27' }) as const;
  const infinite = () => ({ kind: 'float', text: 'inf' }) as const;
  const { entries } = serverTable({ a: date, b: infinite, c: { d: 1 }, e: [true, 'f', [1]] }, '/s');
  expect(entries.map(({ option, values }) => [option, values.map((v) => v.value)])).toEqual([
    ['e', ['f']],
  ]);
  expect(serverTable('none', '/s')).toEqual({ entries: [], extraWords: [], shape: '' });
});
