import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonMap } from '../../../../src/core/hive/documents.ts';
import { applyPolicy } from '../../../../src/core/hive/policy/apply.ts';
import { mergedUnder } from '../../../../src/core/hive/policy/deep-merge.ts';
import { mergePolicies, type PartialPolicy } from '../../../../src/core/hive/policy/merge.ts';
import { hasRecorded, recorded } from '../recorded.ts';

type Merge = { readonly in: readonly (PartialPolicy | null)[]; readonly out: unknown };
type Apply = {
  readonly body: JsonMap;
  readonly policy: PartialPolicy | null;
  readonly out: unknown;
};

test.skipIf(!hasRecorded)('policies merge as recorded, where the recording is there', () => {
  const cases = recorded<Merge>('merge_request_policies');
  expect(cases.length).toBeGreaterThan(0);
  for (const { in: policies, out } of cases) {
    expect(mergePolicies(policies) ?? null).toEqual(out);
  }
});

test.skipIf(!hasRecorded)('policies apply as recorded, where the recording is there', () => {
  const cases = recorded<Apply>('apply_request_policy');
  expect(cases.length).toBeGreaterThan(0);
  for (const { body, policy, out } of cases) expect(applyPolicy(body, policy)).toEqual(out);
});

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()));
const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const objects = (value: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(keys, value)).map((entries) => Object.fromEntries(entries) as JsonMap);
const anything = objects(fc.oneof(leaf, fc.constant(null), objects(fc.oneof(leaf, objects(leaf)))));
// A key that is an object in one policy is one in all: else the order of the merges matters.
const consistent = fc.record(
  { o: objects(leaf), p: fc.record({ q: objects(leaf) }, { requiredKeys: [] }), s: leaf },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonMap>;
const policies = fc.option(
  fc.record(
    {
      body_defaults: fc.option(consistent),
      system_prompt: fc.option(fc.constantFrom('', 'A', 'B')),
      system_prompt_position: fc.option(fc.constantFrom('prepend', 'append', 'replace')),
    },
    { requiredKeys: [] },
  ),
);

test('merging is associative', () => {
  fc.assert(
    fc.property(policies, policies, policies, (one, two, three) => {
      const left = mergePolicies([mergePolicies([one, two]), three]);
      const right = mergePolicies([one, mergePolicies([two, three])]);
      expect(left).toEqual(right);
      expect(mergePolicies([one, two, three])).toEqual(left);
    }),
  );
});

test('a later prompt takes its position with it, and an empty one is none', () => {
  const first = { system_prompt: 'A', system_prompt_position: 'append' } as const;
  expect(mergePolicies([first, { system_prompt_position: 'replace' }])).toEqual(first);
  expect(mergePolicies([first, { system_prompt: 'B', system_prompt_position: null }])).toEqual({
    system_prompt: 'B',
    system_prompt_position: 'prepend',
  });
  expect(mergePolicies([undefined, { body_defaults: {}, system_prompt: '' }])).toBeUndefined();
});

test('the keys of the caller always win, at every depth', () => {
  const wins = (body: JsonMap, shaped: JsonMap): void => {
    for (const [key, value] of Object.entries(body)) {
      const got = Object.getOwnPropertyDescriptor(shaped, key)?.value;
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        wins(value as JsonMap, got);
      } else expect(got).toEqual(value);
    }
  };
  fc.assert(
    fc.property(anything, anything, (body, defaults) => {
      wins(body, applyPolicy(body, { body_defaults: defaults }));
    }),
  );
});

test('merging mutates nothing and pollutes nothing', () => {
  fc.assert(
    fc.property(anything, anything, (over, under) => {
      const before = JSON.stringify([over, under]);
      const merged = mergedUnder(over, under);
      expect(JSON.stringify([over, under])).toBe(before);
      expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
    }),
  );
});

test('what one request gets of the defaults is not what another one gets', () => {
  const defaults = { o: { list: [{ x: 1 }] }, deep: { inner: { y: 1 } } };
  const [one, two] = [{}, { deep: {} }].map((body) =>
    applyPolicy(body, { body_defaults: defaults }),
  );
  expect(one).toEqual(two);
  expect(one?.['o']).not.toBe(two?.['o']);
  expect(one?.['o']).not.toBe(defaults.o);
  const deep = Object(one?.['deep']) as JsonMap;
  expect(deep['inner']).toEqual({ y: 1 });
  expect(deep['inner']).not.toBe(defaults.deep.inner);
});
