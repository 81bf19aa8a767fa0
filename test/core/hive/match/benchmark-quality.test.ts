import { expect, test } from 'vitest';
import type { JsonMap } from '../../../../src/core/hive/documents.ts';
import { benchmarkQuality } from '../../../../src/core/hive/match/benchmark-quality.ts';
import { scoreProfiles } from '../../../../src/core/hive/match/profiles.ts';

function v1(results: JsonMap): number {
  return benchmarkQuality(results, scoreProfiles.v1);
}

function v2(results: JsonMap): number {
  return benchmarkQuality(results, scoreProfiles.v2);
}

test('in v1, the best correctness, the speed and the time to the first token are added up', () => {
  expect(v1({ ttft_ms: 900, tokens_per_sec: 30, quality_score: 0.9 })).toBe(1);
  expect(v1({ quality_score: 0.2, pass_rate: 0.3 })).toBe(0.3);
  expect(v1({ quality_score: 7, pass_rate: -1 })).toBe(1);
  expect(v1({ pass_rate: -1 })).toBe(0);
  expect([10, 35, 36, -50].map((tokens_per_sec) => v1({ tokens_per_sec }))).toEqual([
    0.1, 0.35, 0.35, -0.5,
  ]);
  expect([0, 1000, 1001, 2500, 2501].map((ttft_ms) => v1({ ttft_ms }))).toEqual([
    0.25, 0.25, 0.15, 0.15, 0.05,
  ]);
});

test('in v2, speed has its share of what is left over by correctness, or all without', () => {
  expect(v2({ ttft_ms: 900, tokens_per_sec: 30, quality_score: 0.9 })).toBeCloseTo(0.85625, 12);
  expect(v2({ ttft_ms: 400, tokens_per_sec: 80 })).toBe(1);
  expect([500, 501, 1000, 1001, 2500, 2501].map((ttft_ms) => v2({ ttft_ms }))).toEqual([
    0.5, 0.4, 0.4, 0.25, 0.25, 0.1,
  ]);
  expect([20, 40, 41].map((tokens_per_sec) => v2({ tokens_per_sec }))).toEqual([0.25, 0.5, 0.5]);
  for (const key of scoreProfiles.v2.quality.correctness) expect(v2({ [key]: 1 })).toBe(0.65);
  expect(v2({ pass_rate: 0 })).toBe(0);
});

test('only numbers, true and false count', () => {
  for (const score of [v1, v2]) {
    expect(score({})).toBe(0);
    expect(score({ quality_score: '1', pass_rate: null, tokens_per_sec: [9] })).toBe(0);
  }
  expect(v1({ pass_rate: true })).toBe(1);
  expect(v1({ pass_rate: false })).toBe(0);
});
