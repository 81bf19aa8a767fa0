import type { BenchmarkSample } from '../documents.ts';
import { benchmarkQuality } from './benchmark-quality.ts';
import type { ScoreProfile } from './profiles.ts';
import type { Query } from './query.ts';
import type { Score } from './runtime-score.ts';

export type BenchmarkScore = Score & {
  /** How many samples have to do with what is asked for. */
  readonly count: number;
  readonly bestOverlap: number;
  readonly bestQuality: number;
};

const NONE: BenchmarkScore = { score: 0, reasons: [], count: 0, bestOverlap: 0, bestQuality: 0 };

/** How well a service did in what is asked for. The best overlap and the best quality may be of two samples. */
export function benchmarkScore(
  samples: readonly BenchmarkSample[],
  query: Query,
  profile: ScoreProfile,
): BenchmarkScore {
  const matches = samples
    .map(({ workload, results }) => ({ overlap: query.overlapOf(workload), results }))
    .filter((match) => match.overlap > 0 || query.isOpen);
  if (matches.length === 0) return NONE;
  const bestOverlap = Math.max(...matches.map((match) => match.overlap));
  const qualities = matches.map(({ results }) => benchmarkQuality(results, profile));
  const bestQuality = Math.max(0, ...qualities);
  const { overlap: share, quality, strongFrom } = profile.benchmark;
  const fit = bestQuality >= strongFrom ? 'strong' : 'limited but relevant';
  return {
    score: Math.min(1, share * bestOverlap + quality * bestQuality),
    reasons: [
      'recent benchmark sample matches requested workload or task shape',
      `benchmark results indicate ${fit} empirical fit`,
    ],
    count: matches.length,
    bestOverlap,
    bestQuality,
  };
}
