import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mode } from '../../../src/core/config/mode.ts';
import type { TomlTree } from '../../../src/core/config/toml-tree.ts';
import { keyPath } from '../../../src/core/diagnostic.ts';
import { checkLlama } from '../../../src/core/llama/check.ts';
import { referenceTable as table } from '../../../src/core/llama/options/option-table.ts';
import { resolveLlama } from '../../../src/core/llama/resolve.ts';
import { resolvedJson } from '../../../src/core/llama/resolved-json.ts';
import { anyLlamaTree } from '../../support/llama-trees.ts';

const small = { model: '/models/small.gguf' };

function check(tree: TomlTree, mode: Mode = 'strict') {
  return checkLlama(tree, { mode, table });
}

function problems(tree: TomlTree, mode: Mode = 'strict') {
  const result = check(tree, mode);
  return result.ok ? result.warnings : result.diagnostics;
}

/** Severity, rule and key of each problem. */
function told(tree: TomlTree, mode: Mode = 'strict'): readonly string[] {
  return problems(tree, mode).map(
    ({ severity, rule, pointer }) => `${severity} ${rule} ${keyPath(pointer)}`,
  );
}

test('no tree makes a check throw, whatever is in it, and what is accepted resolves', () => {
  fc.assert(
    fc.property(
      anyLlamaTree,
      fc.constantFrom<Mode>('strict', 'lenient', 'cautious'),
      (tree, mode) => {
        const result = check(tree, mode);
        for (const { message, help = '' } of result.ok ? result.warnings : result.diagnostics) {
          expect(`${message}\n${help}`).not.toMatch(/undefined|\[object|\[native|NaN/);
        }
        if (result.ok) JSON.stringify(resolveLlama(result.value).map(resolvedJson));
      },
    ),
    { numRuns: 1500 },
  );
});

test('every problem of a refused tree is an error or comes with one, and none of an accepted tree is', () => {
  fc.assert(
    fc.property(anyLlamaTree, (tree) => {
      const result = check(tree);
      const all = result.ok ? result.warnings : result.diagnostics;
      expect(all.some(({ severity }) => severity === 'error')).toBe(!result.ok);
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(all.length);
    }),
    { numRuns: 500 },
  );
});

/** Work that grows with the square of these would not end within the time of a test. */
const MANY = 10_000;

test('as many instances as one likes on one port are told of, each once', () => {
  const names = Array.from({ length: MANY }, (_, at) => `i${at}`);
  const server = (at: number) => ({ host: `10.0.${at >> 8}.${at & 255}`, port: 8080 });
  const apart = Object.fromEntries(names.map((name, at) => [name, { server: server(at) }]));
  expect(problems({ instance: { ...apart, server: small } })).toEqual([]);
  const same = Object.fromEntries(names.map((name) => [name, { server: { port: 8080 } }]));
  const all = problems({ instance: { ...same, server: small } });
  expect(all).toHaveLength(MANY - 1);
});

test('so are as many words, and as many keys', () => {
  const words = Array.from({ length: MANY }, () => 'stray');
  const keys = Array.from(
    { length: MANY },
    (_, at) => [`no_option_of_any_llama_server_that_there_is_${at}`, at] as const,
  );
  const instance = (server: TomlTree) => ({ instance: { a: { server: { ...small, ...server } } } });
  expect(problems(instance({ port: 1, extra_args: words }))).toHaveLength(MANY);
  expect(problems(instance({ port: 1, ...Object.fromEntries(keys) }))).toHaveLength(MANY);
});

test('an unknown key is an error, in lenient mode a hint, and in cautious mode where it looks like a slip', () => {
  const tree = {
    instance: {
      control: { log_dri: '/x', nice: 1 },
      a: { server: { ...small, port: 1 }, model: 'x' },
    },
  };
  expect(told(tree)).toEqual([
    'error unknown-key instance.a.model',
    'error unknown-key instance.control.log_dri',
    'error unknown-key instance.control.nice',
  ]);
  expect(told(tree, 'lenient').every((line) => line.startsWith('warning '))).toBe(true);
  expect(told(tree, 'cautious')).toEqual([
    'error unknown-key instance.a.model',
    'error unknown-key instance.control.log_dri',
    'warning unknown-key instance.control.nice',
  ]);
});

test('a missing model is an error, and in lenient mode a hint', () => {
  const tree = { instance: { a: { server: { port: 1 } } } };
  expect(told(tree)).toEqual(['error llama-model-missing instance.a']);
  expect(told(tree, 'lenient')).toEqual(['warning llama-model-missing instance.a']);
  expect(told(tree, 'cautious')).toEqual(['error llama-model-missing instance.a']);
});

test('a key that is written with hyphens is checked as the same with underscores, at its own place', () => {
  const server = { ...small, port: 1, 'ctx-size': 'x', 'n-gpu-layers': 'many', 'extra-args': [1] };
  expect(told({ instance: { a: { server } } })).toEqual([
    'error wrong-type instance.a.server.ctx-size',
    'error bad-format instance.a.server.n-gpu-layers',
    'error wrong-type instance.a.server.extra-args[0]',
  ]);
});

test('what is wrong with a default of all instances is told once', () => {
  const tree = {
    instance: {
      server: { ...small, warmup: false },
      a: { server: { port: 1 } },
      b: { server: { port: 2 } },
    },
  };
  expect(told(tree)).toEqual(['warning llama-false-ignored instance.server.warmup']);
});

test('names in messages have quotes where they need them, and numbers in names are no indices', () => {
  expect(keyPath('/instance/llama-3.1/server/port')).toBe('instance."llama-3.1".server.port');
  expect(keyPath('/instance/7/server/lora/0')).toBe('instance.7.server.lora[0]');
  expect(keyPath('/instance/llama-3/1')).toBe('instance.llama-3.1');
  expect(keyPath('/runtimes/0/name')).toBe('runtimes[0].name');
});

test('a file that is switched off is accepted with hints', () => {
  const tree = { master: { enable: false }, instance: { a: { server: { port: 0 } } } };
  expect(check(tree)).toMatchObject({ ok: true, value: { instances: [] } });
  expect(told(tree)).toEqual(['warning out-of-range instance.a.server.port']);
});

test.for([
  ['api_key', 'QQQ\nb'],
  ['api-key', 'QQQ\tb'],
  ['hf_token', 'QQQ\n'],
] as const)(
  '%s is refused with a line end or a tab in it, and its value is not told',
  ([key, secret]) => {
    const tree = { instance: { small: { server: { ...small, port: 8080, [key]: secret } } } };
    const found = problems(tree).filter(({ severity }) => severity === 'error');
    expect(found).toMatchObject([{ rule: 'no-control-characters' }]);
    expect(JSON.stringify(found)).not.toContain('QQQ');
  },
);

test('a secret of extra_args is refused with a line end in it; any other value may have one', () => {
  const server = {
    ...small,
    port: 8080,
    grammar: 'root ::= "a"\n',
    extra_args: ['--api-key', 'k\n'],
  };
  expect(told({ instance: { small: { server } } })).toEqual([
    'error no-control-characters instance.small.server.extra_args[1]',
    'warning llama-secret instance.small.server.extra_args[1]',
  ]);
});

test('what is meant as a secret and misspelled is refused: its value would be on a command line', () => {
  const server = { ...small, port: 8080, API_KEY: 'x', apikey: 'x' };
  expect(told({ instance: { small: { server } } })).toEqual([
    'error llama-unknown-option instance.small.server.API_KEY',
    'error llama-unknown-option instance.small.server.apikey',
  ]);
});

test('a password in a URL is told of, and not shown', () => {
  const server = { model_url: 'https://me:QQQ@example.invalid/m.gguf', port: 8080 };
  const found = problems({ instance: { small: { server } } });
  expect(found.map(({ rule }) => rule)).toEqual(['llama-secret']);
  expect(JSON.stringify(found)).not.toContain('QQQ');
});
