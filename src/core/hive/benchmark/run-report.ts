import type { BenchmarkReport } from '../documents.ts';
import { type RunAnswer, runResults } from './run-results.ts';
import type { Workload } from './workloads.ts';

/** All calls of one workload that one service has had. */
export type Run = {
  /** The service that has answered, so that the sample counts for it also where a role was asked for. */
  readonly serviceId: string;
  readonly assetId: string | null;
  readonly workload: Workload;
  readonly answers: readonly RunAnswer[];
};

type Measured = {
  /** As it was asked for. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly observedAt: number;
  readonly runs: readonly Run[];
};

/** Runs as a report of one sample each. */
export function runReport({ model, observedAt, runs }: Measured): BenchmarkReport {
  const names = [...new Set(runs.map(({ workload }) => workload))];
  return {
    report_id: `${model}-${names.join('+')}`,
    observed_at: observedAt,
    source: 'geniehive-benchmark-runner',
    samples: runs.map(({ serviceId, assetId, workload, answers }) => ({
      service_id: serviceId,
      asset_id: assetId,
      workload,
      observed_at: null,
      benchmark_id: null,
      results: runResults(answers),
    })),
  };
}
