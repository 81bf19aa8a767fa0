import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedKeys } from '../../../../src/core/fleet/change/changed-keys.ts';
import { merged, mergedPatches } from '../../../../src/core/fleet/change/merge.ts';
import { orderedEntry } from '../../../../src/core/fleet/change/ordered-entry.ts';

test.for([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
] as const)('%j with %j is %j, as RFC 7396 has it', ([entry, patch, expected]) => {
  expect(merged(entry, patch)).toEqual(expected);
});

const table = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.jsonValue());

test('two patches as one do what one does after the other', () => {
  fc.assert(
    fc.property(table, fc.constantFrom('a', 'b'), fc.jsonValue(), (first, key, value) => {
      const entry = { a: 1, c: { d: 2 } };
      const second = { [key]: value };
      fc.pre(typeof value !== 'object' || value === null);
      expect(merged(entry, mergedPatches(first, second))).toEqual(
        merged(merged(entry, first), second),
      );
    }),
  );
});

test('which keys differ is told without a value', () => {
  const before = { connection: { host: 'a', password: 'old' }, env: { A: '1' }, args: ['x'] };
  const after = { connection: { host: 'a', password: 'new' }, args: ['y'], split_policy: { x: 1 } };
  expect(changedKeys(before, after)).toEqual([
    'connection.password',
    'env',
    'args',
    'split_policy',
  ]);
  expect(changedKeys({ split_policy: { 'a\n': 1 } }, { split_policy: { b: 1 } })).toEqual([
    'split_policy',
  ]);
  expect(changedKeys(before, before)).toEqual([]);
});

test('a new entry has its keys in the order of their description', () => {
  const entry = orderedEntry('hosts', {
    ...{ zzz: 1, health: { timeout_sec: 1, check_cmd: 'x' }, id: 'a' },
    connection: 'none',
  });
  expect(JSON.stringify(entry)).toBe(
    '{"id":"a","connection":"none","health":{"check_cmd":"x","timeout_sec":1},"zzz":1}',
  );
});
