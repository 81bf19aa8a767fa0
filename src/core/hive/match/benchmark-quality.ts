import type { JsonMap } from '../documents.ts';
import { clamp } from './clamp.ts';
import type { ScoreProfile } from './profiles.ts';

/** How good the results of one measurement are; 1 is the best, and a negative speed gets below 0. */
export function benchmarkQuality(
  results: JsonMap,
  { quality: { correctness, speed, shares } }: ScoreProfile,
): number {
  const right = correctness.flatMap((key) => numberOf(results, key) ?? []).map(clamp);
  const perSecond = numberOf(results, 'tokens_per_sec');
  const ttft = numberOf(results, 'ttft_ms');
  const fast = perSecond === undefined ? 0 : Math.min(speed.most, perSecond / speed.fullAt);
  const soon = ttft === undefined ? 0 : pointsOf(ttft, speed.ttft);
  if (shares === undefined) return Math.min(1, Math.max(0, ...right) + fast + soon);
  const speedScore = Math.min(1, fast + soon);
  if (right.length === 0) return speedScore;
  return shares.correctness * Math.max(...right) + shares.speed * speedScore;
}

function pointsOf(ttft: number, bands: ScoreProfile['quality']['speed']['ttft']): number {
  return bands.find(({ atMost }) => ttft <= atMost)?.points ?? 0;
}

/** True counts as 1. What came as text was not measured. */
function numberOf(results: JsonMap, key: string): number | undefined {
  const value = results[key];
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : undefined;
}
