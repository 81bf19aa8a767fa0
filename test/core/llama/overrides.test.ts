import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isScalar, type TomlTree } from '../../../src/core/config/toml-tree.ts';
import { withOverrides } from '../../../src/core/llama/overrides.ts';

const tree: TomlTree = {
  master: { enable: true },
  instance: { server: { lora: ['/a', '/b'], port: 1 }, first: { server: { port: 2 } } },
};

function overridden(text: string, before = tree) {
  const result = withOverrides(before, text);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.value;
}

function refusal(text: string): string {
  const result = withOverrides(tree, text);
  return result.ok ? 'none' : result.diagnostics.map(({ message }) => message).join('\n');
}

test('objects are merged, and every other value takes the place of what was there, a list too', () => {
  const data = { master: { llama_cpp_path: '/x' }, instance: { server: { lora: ['/c'] } } };
  expect(overridden(JSON.stringify(data))).toEqual({
    tree: {
      master: { enable: true, llama_cpp_path: '/x' },
      instance: { server: { lora: ['/c'], port: 1 }, first: { server: { port: 2 } } },
    },
    changed: ['master.llama_cpp_path', 'instance.server.lora'],
  });
  expect(overridden('{"master": 1, "instance": {"server": {"port": {"a": false}}}}').tree).toEqual({
    master: 1,
    instance: {
      server: { lora: ['/a', '/b'], port: { a: false } },
      first: { server: { port: 2 } },
    },
  });
});

const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('null'));
const object = fc.dictionary(fc.string({ maxLength: 4 }), json, { maxKeys: 4 });

test('an object changes what it names and nothing else', () => {
  fc.assert(
    fc.property(object, (data) => {
      const result = withOverrides(tree, JSON.stringify(data));
      if (!result.ok) return;
      for (const key of Object.keys(tree)) {
        if (!Object.hasOwn(data, key)) expect(result.value.tree[key]).toEqual(tree[key]);
      }
      for (const key of Object.keys(data)) expect(Object.hasOwn(result.value.tree, key)).toBe(true);
    }),
  );
});

test('merged into nothing it is itself, and twice the same as once', () => {
  fc.assert(
    fc.property(object, (data) => {
      const text = JSON.stringify(data);
      const once = withOverrides({}, text);
      if (!once.ok) return;
      const again = withOverrides(once.value.tree, text);
      expect(again.ok && plain(again.value.tree)).toEqual(plain(once.value.tree));
      // JSON has no -0.
      expect(plain(once.value.tree)).toEqual(plain(JSON.parse(text)));
    }),
  );
});

/** Floats as the numbers that they are. */
function plain(value: unknown): unknown {
  if (isScalar(value)) return Number(value().text);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

test('a number with a fraction is a float, and one that a double does not hold is none', () => {
  const server = overridden('{"a": 0.5, "b": 1e3, "c": 9007199254740991}').tree;
  const { a } = server;
  expect(isScalar(a) && a()).toEqual({ kind: 'float', text: '0.5' });
  expect([server['b'], server['c']]).toEqual([1000, 9007199254740991]);
});

test('__proto__ is a key as any other', () => {
  const { tree: after } = overridden('{"instance": {"__proto__": {"server": {"port": 3}}}}');
  expect(JSON.stringify(after)).toContain('"__proto__":{"server":{"port":3}}');
});

test.for([
  ['{', 'is no JSON'],
  ['', 'is no JSON'],
  ['[1]', 'is no JSON object'],
  ['null', 'is no JSON object'],
  ['"x"', 'is no JSON object'],
  ['{"a": {"b": null}}', 'a.b: null, a number'],
  ['{"a": [1, [null]]}', 'a[1][0]: null, a number'],
  ['{"a": "\\ud800"}', 'a: null, a number'],
  ['{"\\udfff": 1}', 'null, a number'],
  ['{"a": 1e400}', 'a: null, a number'],
  ['{"a": 9007199254740993}', 'a: null, a number'],
  [`{"a": ${'['.repeat(80)}${']'.repeat(80)}}`, 'null, a number'],
  [`${'{"a":'.repeat(80)}1${'}'.repeat(80)}`, 'null, a number'],
] as const)('%s is refused without being shown', ([text, message]) => {
  expect(refusal(text)).toContain(message);
  expect(refusal(text)).toMatch(/^\$AUTO_INFER_LLAMA_CPP_OVERRIDES: /);
});
