import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOf, idsOf } from '../../../../src/core/fleet/from-vllmd/ids.ts';

test.for([
  ['Qwen 2.5 (big)', 'qwen-2-5-big'],
  ['llama-3-8b', 'llama-3-8b'],
  ['--', 'unnamed'],
  ['10.0.0.1', '10-0-0-1'],
  [`${'a'.repeat(63)}-b`, 'a'.repeat(63)],
] as const)('%s has the ID %s', ([name, id]) => {
  expect(idOf(name)).toBe(id);
});

test('every name gets an ID that is valid, and another one than all before it', () => {
  const names = fc.array(fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom('a', 'A', 'a-2')));
  fc.assert(
    fc.property(names, (all) => {
      const ids = idsOf(all);
      expect(new Set(ids).size).toBe(all.length);
      for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
    }),
  );
});
