import type { MatchCandidate, MatchSignals, ServiceRow } from '../documents.ts';
import { hasLoaded } from '../routing/has-loaded.ts';
import type { Appraisal } from './appraise.ts';
import { benchmarkReasons } from './benchmark-score.ts';
import type { ScoreProfile } from './profiles.ts';
import { roundScore } from './round-score.ts';
import { runtimeReasons } from './runtime-score.ts';

/** An appraisal as it is answered, with what it came from. */
export function candidateOf(appraisal: Appraisal, profile: ScoreProfile): MatchCandidate {
  const { type, id, operation, score, role, service } = appraisal;
  return {
    candidate_type: type,
    candidate_id: id,
    operation,
    score,
    reasons: reasonsOf(appraisal, profile),
    signals: signalsOf(appraisal),
    role: role ?? null,
    service: service ?? null,
  };
}

function reasonsOf(
  { type, taskOverlap, hasFamily, benchmark, service }: Appraisal,
  profile: ScoreProfile,
): readonly string[] {
  const text = type === 'role' ? 'role description or policy' : 'service or asset metadata';
  return [
    ...(taskOverlap > 0 ? [`task text overlaps ${text}`] : []),
    ...(hasFamily ? ['resolved service matches role preferred model family'] : []),
    ...(service === undefined ? [] : runtimeReasons(service, profile)),
    ...benchmarkReasons(benchmark, profile),
    ...(service === undefined ? ['no healthy service currently resolves for this role'] : []),
  ];
}

function signalsOf({ type, taskOverlap, hasFamily, benchmark, service }: Appraisal): MatchSignals {
  const { count, bestOverlap, bestQuality } = benchmark;
  return {
    task_overlap: roundScore(taskOverlap),
    ...(type === 'role' ? { preferred_family_match: Number(hasFamily) } : {}),
    ...observedOf(service),
    benchmark_match_count: count,
    best_workload_overlap: roundScore(bestOverlap),
    benchmark_quality_score: count === 0 ? null : roundScore(bestQuality),
  };
}

function observedOf(
  service: ServiceRow | undefined,
): Pick<MatchSignals, 'loaded' | 'p50_latency_ms' | 'tokens_per_sec' | 'queue_depth'> {
  if (service === undefined) return { loaded: false, p50_latency_ms: null, tokens_per_sec: null };
  const { p50_latency_ms, tokens_per_sec, queue_depth } = service.observed;
  return { loaded: hasLoaded(service), p50_latency_ms, tokens_per_sec, queue_depth };
}
