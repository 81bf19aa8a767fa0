import { expect, test } from 'vitest';
import { firstShard, shardOf, shardsOf } from '../../../src/core/llama/shards.ts';

test('the name of a shard says which it is, and that of any other file nothing', () => {
  expect(shardOf('/m/x-00002-of-00003.gguf')).toEqual({ number: 2, of: 3 });
  for (const path of ['/m/x.gguf', '/m/x-2-of-3.gguf', '/m/x-00002-of-00003.bin', '']) {
    expect(shardOf(path)).toBeUndefined();
  }
});

test('all shards of a model are named by the first', () => {
  expect(firstShard('/m/x-00002-of-00003.gguf')).toBe('/m/x-00001-of-00003.gguf');
  expect(shardsOf('/m/x-00001-of-00003.gguf')).toEqual([
    '/m/x-00001-of-00003.gguf',
    '/m/x-00002-of-00003.gguf',
    '/m/x-00003-of-00003.gguf',
  ]);
  expect(shardsOf('/m/x.gguf')).toEqual(['/m/x.gguf']);
  expect(shardsOf('/m/x-00001-of-99999.gguf')).toEqual(['/m/x-00001-of-99999.gguf']);
});
