import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  emptyTree,
  knownEntries,
  savedText,
  withEntry,
  withoutEntry,
  withReplaced,
} from '../../../../src/core/fleet/change/change-entries.ts';
import { sections } from '../../../../src/core/fleet/shape.ts';

const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const entry = fc.record({ id, note: fc.jsonValue() });
const tree = fc
  .record({
    others: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue(), { maxKeys: 3 }),
    hosts: fc.uniqueArray(entry, { selector: (one) => one.id, maxLength: 4 }),
    backends: fc.uniqueArray(entry, { selector: (one) => one.id, maxLength: 4 }),
    models: fc.uniqueArray(entry, { selector: (one) => one.id, maxLength: 4 }),
  })
  .map(({ others, ...lists }) => ({ ...others, schema_version: 1, ...lists }));

test('what is added and removed again leaves the same bytes', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(...sections), entry, (before, section, one) => {
      fc.pre(!knownEntries(before, section).some((known) => known.id === one.id));
      const added = withEntry(before, section, one);
      expect(savedText(withoutEntry(added, section, one.id))).toBe(savedText(before));
    }),
  );
});

test('other entries, keys that nobody knows and the order of all stay', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(...sections), (before, section) => {
      const [first] = knownEntries(before, section);
      fc.pre(first !== undefined);
      const replaced = { ...first.entry, note: 'new' };
      const after = withReplaced(before, section, first.id, replaced);
      expect(Object.keys(after)).toEqual(Object.keys(before));
      expect(after[section]).toEqual([replaced, ...before[section].slice(1)]);
      expect({ ...after, [section]: [] }).toEqual({ ...before, [section]: [] });
    }),
  );
});

test('a file is saved with two blanks and a line end', () => {
  expect(savedText(emptyTree)).toBe(
    '{\n  "schema_version": 1,\n  "hosts": [],\n  "backends": [],\n  "models": []\n}\n',
  );
});

test('an entry without an ID, or that is none, is left where it is', () => {
  const odd = { ...emptyTree, hosts: [1, null, { id: 2 }, { id: 'a' }] };
  expect(knownEntries(odd, 'hosts').map((one) => one.id)).toEqual(['a']);
  expect(withoutEntry(odd, 'hosts', 'a')['hosts']).toEqual([1, null, { id: 2 }]);
  expect(knownEntries({ hosts: 'x' }, 'hosts')).toEqual([]);
});
