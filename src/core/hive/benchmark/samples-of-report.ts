import { createHash } from 'node:crypto';
import type { BenchmarkReport, BenchmarkSample, JsonMap } from '../documents.ts';
import { pythonFloatText } from './python-float.ts';

type ReportSample = BenchmarkReport['samples'][number];

/** The samples of a report, each complete, with ids that the same file gives every time. */
export function samplesOfReport(
  report: BenchmarkReport,
): readonly BenchmarkSample[] | { readonly error: string } {
  const samples: BenchmarkSample[] = [];
  for (const [index, sample] of report.samples.entries()) {
    const observedAt = sample.observed_at ?? report.observed_at;
    if (observedAt === null) return { error: NO_TIME };
    samples.push({
      benchmark_id: sample.benchmark_id || idOf(report, sample, observedAt, index),
      service_id: sample.service_id,
      asset_id: sample.asset_id,
      workload: sample.workload,
      observed_at: observedAt,
      results: withSource(sample.results, report),
    });
  }
  return samples;
}

const NO_TIME =
  'Benchmark report sample is missing observed_at and report has no default observed_at.';

function idOf(
  report: BenchmarkReport,
  sample: ReportSample,
  observedAt: number,
  index: number,
): string {
  const parts = [
    report.report_id || 'report',
    sample.service_id,
    sample.asset_id ?? '',
    sample.workload,
    pythonFloatText(observedAt),
    index,
  ];
  const digest = createHash('sha1').update(parts.join('|'), 'utf8').digest('hex');
  return `bench_${digest.slice(0, 16)}`;
}

function withSource(results: JsonMap, { source }: BenchmarkReport): JsonMap {
  return source === null || Object.hasOwn(results, 'source') ? results : { ...results, source };
}
