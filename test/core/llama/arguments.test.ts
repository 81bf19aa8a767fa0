import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TomlTree } from '../../../src/core/config/toml-tree.ts';
import { checkLlama } from '../../../src/core/llama/check.ts';
import {
  optionTableOf,
  referenceTable as table,
} from '../../../src/core/llama/options/option-table.ts';
import { resolveLlama } from '../../../src/core/llama/resolve.ts';

/** Of the one instance of a file. */
function resolved(server: TomlTree, options = table) {
  const tree = { instance: { a: { server: { model: '/m.gguf', port: 1, ...server } } } };
  const result = checkLlama(tree, { mode: 'strict', table: options });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const [instance] = resolveLlama(result.value);
  if (instance === undefined) throw new Error('none');
  return instance;
}

const given = ['--model', '/m.gguf', '--port', '1'];

test('words come first and as they are, and keys behind them', () => {
  const words = [
    '--verbose',
    '-c',
    '-1',
    '--no-such',
    'a',
    'b',
    '--control-vector-layer-range',
    '1',
    '2',
  ];
  expect(resolved({ threads: 2, extra_args: words }).arguments).toEqual([
    ...words,
    ...given,
    '--threads',
    '2',
  ]);
});

test('words are never changed, whatever they are, where a file is accepted', () => {
  const word = fc.oneof(fc.constantFrom('--verbose', '-c', '--temp', '--no-such'), fc.string());
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const tree = { instance: { a: { server: { model: '/m', port: 1, extra_args: words } } } };
      const result = checkLlama(tree, { mode: 'strict', table });
      if (!result.ok) return;
      const args = resolveLlama(result.value)[0]?.arguments ?? [];
      expect(args.slice(0, words.length)).toEqual(words);
    }),
    { numRuns: 1000 },
  );
});

test('a launch has each secret in its environment and none on its command line', () => {
  const { launch, shownArguments } = resolved({
    api_key: ['k1', 'k2'],
    hf_token: 't2',
    extra_args: ['--api-key', '-k0', '-hft', 't1'],
  });
  expect(launch).toEqual({
    arguments: given,
    secrets: new Map([
      ['LLAMA_API_KEY', '-k0,k1,k2'],
      ['HF_TOKEN', 't2'],
    ]),
  });
  expect(shownArguments.filter((word) => /^-?[kt]\d$/.test(word))).toEqual([]);
  expect(shownArguments.filter((word) => word === '(sensitive)')).toHaveLength(5);
});

test('a secret is one as well where the table of options does not have it', () => {
  const other = optionTableOf('-c,    --ctx-size N                     size\n');
  const { shownArguments } = resolved({ extra_args: ['--api-key', '-sk-secret'] }, other);
  expect(shownArguments.slice(0, 2)).toEqual(['--api-key', '(sensitive)']);
});

test('a model that is downloaded is no file that has to be there', () => {
  expect(resolved({}).modelFiles).toEqual([
    { path: '/m.gguf', pointer: '/instance/a/server/model' },
  ]);
  expect(resolved({ hf_repo: 'x/y' }).modelFiles).toEqual([]);
});

test('where an instance listens is told by its keys and its words', () => {
  const tls = { ssl_key_file: '/k', ssl_cert_file: '/c', api_prefix: '/v/' };
  expect(resolved({ host: '::1', ...tls }).endpoint).toEqual({
    host: '::1',
    port: 1,
    isTls: true,
    apiPrefix: '/v',
  });
  expect(resolved({ port: 1, ssl_key_file: '/k' }).endpoint?.isTls).toBe(false);
});
