import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { brokenModels, shardedModel, tinyModel, toyLora } from '../support/gguf.ts';

test('the tiny model and the adapter have the same bytes each time', () => {
  expect(tinyModel()).toHaveLength(497_408);
  expect(toyLora()).toHaveLength(1344);
  expect(digest(tinyModel())).toBe(digest(tinyModel(1)));
  expect(digest(tinyModel())).not.toBe(digest(tinyModel(2)));
  expect(digest(toyLora(1))).not.toBe(digest(toyLora(2)));
});

test.for([1, 3, 21, 30])('a model in %s files is named by its shards', (count) => {
  const shards = shardedModel('x', count);
  const total = String(count).padStart(5, '0');
  expect(shards).toHaveLength(count);
  expect(shards[0]?.name).toBe(`x-00001-of-${total}.gguf`);
  expect(shards.at(-1)?.name).toBe(`x-${total}-of-${total}.gguf`);
});

test('each broken file is broken in a way of its own', () => {
  const sizes = Object.values(brokenModels()).map((bytes) => bytes.length);
  expect(new Set(sizes).size).toBe(sizes.length);
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
