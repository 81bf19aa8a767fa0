import { expect, test } from 'vitest';
import { nearest } from '../../../src/core/config/nearest.ts';

const keys = ['index', 'name', 'gpus', 'memory_gb', 'cpus'];

test.for([
  ['idnex', 'index'],
  ['nam', 'name'],
  ['gpu', 'gpus'],
  ['Memory-GB', 'memory_gb'],
  ['memory', 'memory_gb'],
  ['cpsu', 'cpus'],
] as const)('takes %s for %s', ([text, meant]) => {
  expect(nearest(text, keys)).toBe(meant);
});

test.for(['', 'x', 'disk', 'n'.repeat(10_000)])('does not guess what %s means', (text) => {
  expect(nearest(text, keys)).toBeUndefined();
});

test('has nothing to propose without candidates', () => {
  expect(nearest('name', [])).toBeUndefined();
});
