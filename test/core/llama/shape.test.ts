import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TomlTree, TomlValue } from '../../../src/core/config/toml-tree.ts';
import { draftOf, enabledInstances } from '../../../src/core/llama/draft.ts';
import { endpointOf } from '../../../src/core/llama/endpoint.ts';
import { referenceTable as table } from '../../../src/core/llama/options/option-table.ts';
import { checkLlamaRules } from '../../../src/core/llama/rules/rules.ts';
import { examplesOf, kindOf } from '../../../src/core/llama/shape.ts';
import { lastUse, layoutOf, usesOf } from '../../../src/core/llama/uses.ts';
import { anyLlamaTree, optionKey } from '../../support/llama-trees.ts';

const text = fc.constantFrom(
  '',
  'on',
  '/m/a.gguf',
  '/m/a-00002-of-00003.gguf',
  'https://user:word@host/a.gguf',
  'two\nlines',
  'caf\u00e9',
  '-1',
  '10.0.0.1',
);
const number = fc.constantFrom(0, 1, 8080, -1);

/** Instances that have the same keys, with values of the same kinds but for one now and then. */
const alike: fc.Arbitrary<TomlTree> = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          'model',
          'port',
          'host',
          'lora',
          'flash_attn',
          'mmap',
          'api_key',
          'hf_repo',
        ),
        optionKey,
      ),
      fc.constantFrom<fc.Arbitrary<TomlValue>>(
        text,
        text,
        number,
        fc.constant(true),
        fc.constant(false),
        fc.oneof(text, number, fc.boolean(), fc.array(number, { maxLength: 2 })),
      ),
    ),
    { maxLength: 6, selector: ([key]) => key },
  )
  .chain((keys) => {
    const server = fc.record(Object.fromEntries(keys));
    const defaults = fc.dictionary(optionKey, fc.oneof(text, number, fc.boolean()), { maxKeys: 3 });
    return fc.record({
      server: defaults,
      a: fc.record({ server }),
      b: fc.record({ server }),
      c: fc.record({ server }),
    });
  })
  .map((instance): TomlTree => ({ instance }));

/** What the rules say when instances of one shape stand for each other, and when each is looked at. */
function bothWays(tree: TomlTree) {
  const draft = draftOf(tree);
  const subject = { tree, draft, table, mode: 'strict' as const };
  const each = enabledInstances(draft).map((instance) => {
    const uses = usesOf(instance, table);
    const layout = layoutOf(uses, table);
    return { ...instance, uses, layout, endpoint: endpointOf({ uses, layout }) };
  });
  const unlike = each.map((instance) => ({ ...instance, shape: undefined }));
  return {
    instances: each,
    short: checkLlamaRules({ ...subject, instances: each, examples: examplesOf(each) }),
    long: checkLlamaRules({ ...subject, instances: unlike, examples: unlike }),
  };
}

/** A default is told of once, however many instances have it. */
function distinct(problems: readonly object[]): ReadonlySet<string> {
  return new Set(problems.map((problem) => JSON.stringify(problem)));
}

test('what the rules say of instances with one shape is what they say of each', () => {
  const tally = { quiet: 0, told: 0, shared: 0 };
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: alike }, anyLlamaTree), (tree) => {
      const { instances, short, long } = bothWays(tree);
      expect(distinct(short)).toEqual(distinct(long));
      tally[long.length === 0 ? 'quiet' : 'told'] += 1;
      if (examplesOf(instances).length < instances.length) tally.shared += 1;
    }),
    { numRuns: 3000 },
  );
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(50);
});

test('in instances of one shape an option stands in one place, where each has its own value', () => {
  fc.assert(
    fc.property(
      alike,
      fc.constantFrom('--model', '-m', '--port', '--lora', '--none'),
      (tree, name) => {
        const { instances } = bothWays(tree);
        for (const { shape, layout } of instances) {
          for (const other of instances.filter(
            (one) => shape !== undefined && one.shape === shape,
          )) {
            expect(lastUse({ uses: other.uses, layout }, name)).toEqual(lastUse(other, name));
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test.for(['two\nlines', 'caf\u00e9', 'https://a:b@c/', '\u0000', [1], { a: 1 }] as const)(
  '%j has no kind: what it says may matter',
  (value) => {
    expect(kindOf(value)).toBeUndefined();
  },
);
