import { describe, expect, test } from 'vitest';
import {
  type OptionTable,
  optionTableOf,
  referenceTable,
} from '../../../../src/core/llama/options/option-table.ts';

const older = `-m,    --model FNAME                    model path to load
--mlock                                 force system to keep model in RAM
-hft,  --token TOKEN                    another name
`;

describe('the options of the reference version', () => {
  const { find, nearest, removed } = referenceTable;

  test.for(['--ctx-size', '--ctx_size', '-c'])('%s is one of them', (flag) => {
    expect(find(flag)?.names).toEqual(['-c', '--ctx-size']);
  });

  test.for([
    'ctx-size',
    '--c',
    '--CTX-SIZE',
    '--ctx-size=8',
    '',
    '-',
    '--',
    '__proto__',
    '--mlock',
  ])('%j is none of them', (flag) => {
    expect(find(flag)).toBeUndefined();
  });

  test.for([
    ['--ctx-sise', '--ctx-size'],
    ['--n_gpu_layer', '--n-gpu-layers'],
    ['--flash-attention', '--flash-attn'],
    ['--metric', '--metrics'],
    ['--ngl', '--gpu-layers'],
    ['--nkvo', '--no-kv-offload'],
    ['--e', '--escape'],
    ['--hf', '--hf-repo'],
    ['-fitz', '--fit'],
  ] as const)('%s is taken for %s', ([flag, meant]) => {
    expect(nearest(flag)).toBe(meant);
  });

  test.for(['', '-', '--', '--xyzzy-plugh', `--${'n'.repeat(10_000)}`])(
    'does not guess what %j means',
    (flag) => {
      expect(nearest(flag)).toBeUndefined();
    },
  );

  test.for([
    ['--mlock', /^use --load-mode mmap\+mlock/],
    ['--mmap', /^use --load-mode mmap$/],
    ['--no_mmap', /^use --load-mode none$/],
    ['-dio', /^use --load-mode dio$/],
    ['--draft-max', /^use --spec-draft-n-max or --spec-ngram-mod-n-max$/],
    ['--draft', /^use --spec-draft-n-max or --spec-ngram-mod-n-max$/],
    ['--draft-n-min', /^use --spec-draft-n-min or --spec-ngram-mod-n-min$/],
    ['--spec-ngram-size-n', /^use the respective --spec-ngram-\*-size-n/],
  ] as const)('%s has been removed, and what to do instead is told', ([flag, advice]) => {
    expect(removed(flag)).toMatch(advice);
    expect(nearest(flag)).not.toBe(flag);
  });

  test.for(['--ctx-size', '--xyzzy'])('%s has not been removed', (flag) => {
    expect(removed(flag)).toBeUndefined();
  });

  test.for([
    ['--lora', true, undefined],
    ['-ot', true, undefined],
    ['--tensor-split', false, ','],
    ['--port', false, undefined],
    ['--xyzzy', false, undefined],
  ] as const)('several values of %s: repeated %s, joined with %j', ([flag, isList, separator]) => {
    expect(referenceTable.isList(flag)).toBe(isList);
    expect(referenceTable.separator(flag)).toBe(separator);
  });

  test.for([
    ['--api-key', 'LLAMA_API_KEY'],
    ['--api_key', 'LLAMA_API_KEY'],
    ['-hft', 'HF_TOKEN'],
    ['--api-key-file', undefined],
  ] as const)('the value of %s is a secret that %s takes as well', ([flag, variable]) => {
    expect(referenceTable.secret(flag)).toBe(variable);
  });
});

describe('a table of another version', () => {
  const table: OptionTable = optionTableOf(older);

  test('has the options of its own help only', () => {
    expect(table.size).toBe(3);
    expect(table.find('--mlock')?.value).toBeNull();
    expect(table.removed('--mlock')).toBeUndefined();
    expect(table.removed('--no-mmap')).toBe('use --load-mode none');
    expect(table.find('--ctx-size')).toBeUndefined();
    expect(table.nearest('--ctx-size')).toBeUndefined();
  });

  test('knows a secret that it does not list', () => {
    expect(table.secret('--api-key')).toBe('LLAMA_API_KEY');
  });

  test('an option that is listed twice is the first', () => {
    const twice = optionTableOf(`${older}--model URL   another\n-z   a short name alone\n`);
    expect(twice.find('--model')?.value).toBe('FNAME');
    expect(twice.nearest('--z')).toBeUndefined();
  });
});

test('the short name of a secret is one as well, though a cut table lacks it', () => {
  const { secret } = optionTableOf('-m,    --model FNAME                    model path to load\n');
  expect([secret('-hft'), secret('--hf-token'), secret('--api-key'), secret('-m')]).toEqual([
    'HF_TOKEN',
    'HF_TOKEN',
    'LLAMA_API_KEY',
    undefined,
  ]);
});
