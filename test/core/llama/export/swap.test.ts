import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TomlTree } from '../../../../src/core/config/toml-tree.ts';
import { swapOf } from '../../../../src/core/llama/export/swap.ts';
import { resolveLlama } from '../../../../src/core/llama/resolve.ts';
import { checked, exportedTree } from '../../../support/llama-exports.ts';
import { argumentsOf, withEnvironment } from '../../../support/llama-swap.ts';

type Model = {
  readonly cmd: string;
  readonly proxy: string;
  readonly env?: readonly string[];
  readonly aliases?: readonly string[];
};

function exported(tree: TomlTree) {
  const result = swapOf(checked(tree));
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.value;
}

function modelsOf(text: string): Readonly<Record<string, Model>> {
  return parse(text).models;
}

/** Of the one instance of a file. */
function model(server: TomlTree, control: TomlTree = {}): Model {
  const tree = { instance: { a: { control, server: { model: '/m', port: 8080, ...server } } } };
  const one = modelsOf(exported(tree).text)['a'];
  if (one === undefined) throw new Error('none');
  return one;
}

function refusal(server: TomlTree): readonly string[] {
  const result = swapOf(checked({ instance: { a: { server: { model: '/m', ...server } } } }));
  return result.ok ? [] : result.diagnostics.map(({ pointer, message }) => `${pointer} ${message}`);
}

const KEYS = { LLAMA_API_KEY_1: 'sk-"1\\', LLAMA_API_KEY_2: 'sk-2' };

test('every instance is started as it is here, whatever stands in its values', () => {
  fc.assert(
    fc.property(exportedTree, (tree) => {
      const file = checked(tree);
      const { text } = exported(tree);
      expect(text).not.toContain('sk-secret');
      const models = modelsOf(withEnvironment(text, KEYS));
      const instances = resolveLlama(file);
      expect(Object.keys(models)).toEqual(instances.map(({ name }) => name));
      for (const { name, executable, launch, control } of instances) {
        const { cmd = '', env = [] } = models[name] ?? {};
        expect(argumentsOf(cmd, 1)).toEqual([executable, ...launch.arguments]);
        const devices = { none: [''], '0,1': ['0,1'] }[control.gpuIds ?? ''] ?? [];
        expect(env.filter((one) => one.startsWith('CUDA'))).toEqual(
          devices.map((value) => `CUDA_VISIBLE_DEVICES=${value}`),
        );
        expect(env.some((one) => one.startsWith('LLAMA_API_KEY=sk-'))).toBe(
          launch.secrets.size > 0,
        );
      }
      const aliases = Object.values(models).flatMap((one) => one.aliases ?? []);
      expect(new Set([...aliases, ...Object.keys(models)]).size).toBe(
        aliases.length + Object.keys(models).length,
      );
    }),
    { numRuns: 1000 },
  );
});

test('requests go where the instance listens', () => {
  expect(model({}).proxy).toBe('http://127.0.0.1:8080');
  expect(model({ host: '0.0.0.0' }).proxy).toBe('http://127.0.0.1:8080');
  expect(model({ host: '::' }).proxy).toBe('http://[::1]:8080');
  expect(model({ host: 'fe80::1' }).proxy).toBe('http://[fe80::1]:8080');
  expect(model({ host: '/run/a.sock, 10.0.0.1,10.0.0.2' }).proxy).toBe('http://10.0.0.1:8080');
  const tls = { ssl_key_file: '/k', ssl_cert_file: '/c', api_prefix: '/v1/' };
  expect(model({ host: 'box.example', ...tls }).proxy).toBe('https://box.example:8080/v1');
});

test('an instance without a port gets one of llama-swap', () => {
  const { text } = exported({ instance: { a: { server: { model: '/m' } } } });
  const { cmd = '', proxy = '' } = modelsOf(text)['a'] ?? {};
  expect(argumentsOf(cmd, 5801)).toEqual(['llama-server', '--model', '/m', '--port', '5801']);
  expect(proxy.replace(/\$\{PORT\}$/, '5801')).toBe('http://127.0.0.1:5801');
});

test('each secret is a variable of its own, which somebody is told to set', () => {
  const { text, notes } = exported({
    instance: {
      server: { model: '/m' },
      a: { server: { port: 1, api_key: 'k1', hf_token: 't' } },
      b: { server: { port: 2, api_key: ['k1', 'k2'] } },
      c: { server: { port: 3, extra_args: ['--api-key', 'k1'] } },
      d: { server: { port: 4 } },
    },
  });
  const env = Object.values(modelsOf(text)).map((one) => one.env ?? []);
  const of = (name: string, variable: string) => `${name}=\${env.${variable}}`;
  expect(env).toEqual([
    [of('LLAMA_API_KEY', 'LLAMA_API_KEY_1'), of('HF_TOKEN', 'HF_TOKEN_1')],
    [of('LLAMA_API_KEY', 'LLAMA_API_KEY_2')],
    [of('LLAMA_API_KEY', 'LLAMA_API_KEY_1')],
    [],
  ]);
  expect(notes.filter((note) => note.startsWith('set '))).toEqual([
    'set LLAMA_API_KEY_1 in the environment of llama-swap, a secret of a, c',
    'set HF_TOKEN_1 in the environment of llama-swap, a secret of a',
    'set LLAMA_API_KEY_2 in the environment of llama-swap, a secret of b',
  ]);
});

test('an alias belongs to one model', () => {
  const { text, notes } = exported({
    instance: {
      server: { model: '/m', alias: 'shared' },
      a: { server: { port: 1, alias: 'b, own ,own' } },
      b: { server: { port: 2, alias: ['b', 'own', `\${x}`] } },
      c: { server: { port: 3 } },
    },
  });
  expect(Object.values(modelsOf(text)).map((one) => one.aliases)).toEqual([
    ['own'],
    undefined,
    ['shared'],
  ]);
  expect(notes.join('\n')).toContain(`is left out: "b", "own", "\${x}"`);
});

test('what cannot be reached is refused at its place', () => {
  expect(refusal({ port: 1, host: '/run/a.sock' })).toEqual([
    expect.stringMatching(/^\/instance\/a\/server\/host .*at an address of TCP, and this is none$/),
  ]);
  expect(refusal({ host: '/run/a.sock' })).toHaveLength(1);
  expect(refusal({ port: 1, host: 'a/b' })).toHaveLength(1);
  expect(refusal({ port: 1, api_prefix: `/a\${PORT}` })).toEqual([
    expect.stringMatching(/^\/instance\/a\/server\/api_prefix /),
  ]);
  expect(refusal({ port: 1, host: '10.0.0.1', api_prefix: '/a.b/c' })).toEqual([]);
});

test('nothing that runs is no model, and of many names some are told', () => {
  expect(exported({ master: { enable: false } }).text).toBe('models: {}\n');
  const names = Array.from({ length: 8 }, (_, at) => `i${at}`);
  const instance = Object.fromEntries(
    names.map((name, at) => [name, { server: { port: at + 1 } }]),
  );
  const server = { model: '/m', api_key: 'k', ssl_key_file: '/k', ssl_cert_file: '/c' };
  expect(exported({ instance: { ...instance, server } }).notes.join('\n')).toMatch(
    /certificates of i0, i1, i2, i3, i4 and 3 more\nset .* of i0, i1, i2, i3, i4 and 3 more$/,
  );
});
