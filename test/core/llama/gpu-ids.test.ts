import { expect, test } from 'vitest';
import { canonicalGpuIds, gpuIdsProblem, visibleDevices } from '../../../src/core/llama/gpu-ids.ts';

test('the variable of CUDA is left alone, emptied, or has the list', () => {
  expect([null, 'all', 'none', '0,1'].map(visibleDevices)).toEqual([
    undefined,
    undefined,
    '',
    '0,1',
  ]);
});

test.for(['all', 'none', '0', '0,1', '1, 0', 'GPU-8932f937', 'MIG-GPU-8932f937/1/0,MIG-x'])(
  '%j says which GPUs',
  (text) => {
    expect(gpuIdsProblem(text)).toBeUndefined();
  },
);

test.for([
  ['', 'is no list'],
  ['ALL', 'is no list'],
  ['0,', 'is no list'],
  ['-1', 'is no list'],
  ['0;1', 'is no list'],
  ['GPU-', 'is no list'],
  ['gpu-1', 'is no list'],
  ['99999', 'is no list'],
  ['0,GPU-1', 'mixes'],
  ['0,1, 0', 'names 0 twice'],
  ['GPU-a,GPU-a', 'names GPU-a twice'],
] as const)('%j does not: it %s', ([text, problem]) => {
  expect(gpuIdsProblem(text)).toContain(problem);
});

test('blanks around commas mean nothing', () => {
  expect(canonicalGpuIds(' 0 ,  1')).toBe('0,1');
});
