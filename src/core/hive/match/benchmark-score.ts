import type { BenchmarkSample } from '../documents.ts';
import { benchmarkQuality } from './benchmark-quality.ts';
import type { ScoreProfile } from './profiles.ts';
import type { Query } from './query.ts';

export type BenchmarkScore = {
  /** 0 to 1. */
  readonly score: number;
  /** How many samples have to do with what is asked for. */
  readonly count: number;
  readonly bestOverlap: number;
  readonly bestQuality: number;
};

const NONE: BenchmarkScore = { score: 0, count: 0, bestOverlap: 0, bestQuality: 0 };

/** How well a service did in what is asked for. The best overlap and the best quality may be of two samples. */
export function benchmarkScore(
  samples: readonly BenchmarkSample[],
  query: Query,
  profile: ScoreProfile,
): BenchmarkScore {
  let [count, bestOverlap, bestQuality] = [0, 0, 0];
  for (const { workload, results } of samples) {
    const overlap = query.overlapOf(workload);
    if (overlap === 0 && !query.isOpen) continue;
    count += 1;
    bestOverlap = Math.max(bestOverlap, overlap);
    bestQuality = Math.max(bestQuality, benchmarkQuality(results, profile));
  }
  if (count === 0) return NONE;
  const { overlap, quality } = profile.benchmark;
  const score = Math.min(1, overlap * bestOverlap + quality * bestQuality);
  return { score, count, bestOverlap, bestQuality };
}

/** What is said of it; nothing where no sample has to do with what is asked for. */
export function benchmarkReasons(
  { count, bestQuality }: BenchmarkScore,
  { benchmark: { strongFrom } }: ScoreProfile,
): readonly string[] {
  if (count === 0) return [];
  const fit = bestQuality >= strongFrom ? 'strong' : 'limited but relevant';
  return [
    'recent benchmark sample matches requested workload or task shape',
    `benchmark results indicate ${fit} empirical fit`,
  ];
}
