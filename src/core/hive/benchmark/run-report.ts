import type { BenchmarkReport } from '../documents.ts';
import { type RunAnswer, runResults } from './run-results.ts';
import type { Workload } from './workloads.ts';

/** All calls of one workload. */
export type Run = {
  /** As it was asked for. */
  readonly model: string;
  /** The service that has answered, so that the sample counts for it also where a role was asked for. */
  readonly serviceId: string;
  readonly assetId: string | null;
  readonly workload: Workload;
  /** Seconds since 1970. */
  readonly observedAt: number;
  readonly answers: readonly RunAnswer[];
};

/** A run of one workload as a report of one sample. */
export function runReport(run: Run): BenchmarkReport {
  const { model, serviceId, assetId, workload, observedAt, answers } = run;
  return {
    report_id: `${model}-${workload}`,
    observed_at: observedAt,
    source: 'geniehive-benchmark-runner',
    samples: [
      {
        service_id: serviceId,
        asset_id: assetId,
        workload,
        observed_at: null,
        benchmark_id: null,
        results: runResults(answers),
      },
    ],
  };
}
