import { describe, expect, test } from 'vitest';
import { referenceTable } from '../../../../src/core/llama/options/option-table.ts';
import type { ServerOption } from '../../../../src/core/llama/options/parse-help.ts';
import { serverOptions } from '../../../../src/core/llama/options/server-options.gen.ts';
import {
  accumulates,
  choicesOf,
  offSpelling,
  separatorOf,
  valueCount,
} from '../../../../src/core/llama/options/values.ts';

function option(name: string): ServerOption {
  const found = referenceTable.find(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

test.for([
  ['--metrics', 0],
  ['--port', 1],
  ['--flash-attn', 1],
  ['--override-tensor', 1],
  ['--control-vector-layer-range', 2],
] as const)('%s takes %s words', ([name, count]) => {
  expect(valueCount(option(name))).toBe(count);
});

test('one option takes two words', () => {
  const several = serverOptions.filter((entry) => valueCount(entry) > 1);
  expect(several.map(({ names }) => names)).toEqual([['--control-vector-layer-range']]);
});

test.for([
  ['--flash-attn', ['on', 'off', 'auto']],
  ['--fit', ['on', 'off']],
  ['--rope-scaling', ['none', 'linear', 'yarn']],
  ['--cpu-strict', ['0', '1']],
  ['--poll', undefined],
  ['--device', undefined],
  ['--tensor-split', undefined],
  ['--port', undefined],
  ['--docker-repo', undefined],
  ['--metrics', undefined],
] as const)('of %s these are the values: %j', ([name, choices]) => {
  expect(choicesOf(option(name))).toEqual(choices);
});

describe('several values of one option', () => {
  test.for([
    ['--lora', true, undefined],
    ['--spec-type', true, undefined],
    ['--spec-draft-override-tensor', true, undefined],
    ['--override-kv', true, undefined],
    ['--tensor-split', false, ','],
    ['--device', false, ','],
    ['--tools', false, ','],
    ['--host', false, ','],
    ['--samplers', false, ';'],
    ['--port', false, undefined],
    ['--metrics', false, undefined],
  ] as const)('%s: repeated %s, joined with %j', ([name, isRepeated, separator]) => {
    expect(accumulates(option(name))).toBe(isRepeated);
    expect(separatorOf(option(name))).toBe(separator);
  });
});

test.for([
  ['--warmup', '--no-warmup'],
  ['--mmproj-auto', '--no-mmproj'],
  ['--no-warmup', undefined],
  ['--metrics', undefined],
  ['--perf', undefined],
] as const)('what turns %s off is %s', ([name, spelling]) => {
  expect(offSpelling(option(name), name)).toBe(spelling);
});
