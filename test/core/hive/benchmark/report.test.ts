import { expect, test } from 'vitest';
import { pythonFloatText } from '../../../../src/core/hive/benchmark/python-float.ts';
import { runReport } from '../../../../src/core/hive/benchmark/run-report.ts';
import { type RunAnswer, runResults } from '../../../../src/core/hive/benchmark/run-results.ts';
import { samplesOfReport } from '../../../../src/core/hive/benchmark/samples-of-report.ts';
import { workloadBodies, workloads } from '../../../../src/core/hive/benchmark/workloads.ts';
import type { BenchmarkReport } from '../../../../src/core/hive/documents.ts';
import { hasRecorded, recorded } from '../recorded.ts';

type PartialReport = Partial<Omit<BenchmarkReport, 'samples'>> & {
  readonly samples?: readonly Partial<BenchmarkReport['samples'][number]>[];
  readonly benchmark_report?: PartialReport;
};

/** As a reader of reports completes it. */
function completed({ benchmark_report: inner, ...bare }: PartialReport): BenchmarkReport {
  const report = inner ?? bare;
  return {
    report_id: report.report_id ?? null,
    observed_at: report.observed_at ?? null,
    source: report.source ?? null,
    samples: (report.samples ?? []).map((sample) => ({
      service_id: sample.service_id ?? '',
      asset_id: sample.asset_id ?? null,
      workload: sample.workload ?? '',
      observed_at: sample.observed_at ?? null,
      benchmark_id: sample.benchmark_id ?? null,
      results: sample.results ?? {},
    })),
  };
}

type Case = { readonly in: PartialReport; readonly out: unknown; readonly differs?: unknown };

test.skipIf(!hasRecorded)(
  'reports become samples as recorded, where the recording is there',
  () => {
    const cases = recorded<Case>('benchmark_report');
    expect(cases.length).toBeGreaterThan(0);
    for (const { in: report, out, differs } of cases) {
      const samples = samplesOfReport(completed(report));
      if (differs === undefined) expect(samples).toEqual(out);
      else
        expect(samples).toMatchObject([{ benchmark_id: 'bench_e795a9f0ca14d725', observed_at: 1 }]);
    }
  },
);

test('a sample keeps its own id, time and source', () => {
  const own = {
    service_id: 's',
    workload: 'w',
    observed_at: 2,
    benchmark_id: 'mine',
    results: { source: null },
  };
  const report = completed({ observed_at: 1, source: 'file', samples: [own] });
  expect(samplesOfReport(report)).toEqual([{ ...own, asset_id: null }]);
});

test.each([
  [1775583000, '1775583000.0'],
  [1e16, '1e+16'],
  [1e15, '1000000000000000.0'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [0, '0.0'],
  [-0, '-0.0'],
  [-1.5, '-1.5'],
  [1775583000.25, '1775583000.25'],
  [1.25e22, '1.25e+22'],
  [1e100, '1e+100'],
  [-2.5e-7, '-2.5e-07'],
  [123456789012345680, '1.2345678901234568e+17'],
])('Python writes %d as %s', (value, text) => {
  expect(pythonFloatText(value)).toBe(text);
});

test('a workload is two plain calls of 120 tokens', () => {
  expect(Object.keys(workloads)).toEqual(['chat.short_reasoning', 'chat.concise_support']);
  for (const workload of ['chat.short_reasoning', 'chat.concise_support'] as const) {
    const bodies = workloadBodies(workload, 'm');
    expect(bodies).toHaveLength(2);
    for (const body of bodies) {
      expect(body).toEqual({
        model: 'm',
        max_tokens: 120,
        messages: [{ role: 'user', content: expect.any(String) }],
      });
    }
  }
});

const answer = (elapsedMs: number, message: RunAnswer['body'], timings = {}): RunAnswer => ({
  elapsedMs,
  body: {
    choices: [{ message: message ?? null }],
    usage: { prompt_tokens: 10, completion_tokens: elapsedMs },
    timings,
  },
});

test('answers become the figures of a report, for the service that has answered', () => {
  const answers = [
    answer(100, { content: 'hi' }, { prompt_ms: 30, predicted_per_second: 40 }),
    answer(200, { content: ' ', reasoning_content: 'hm' }, { prompt_ms: 10 }),
    answer(400, { content: '', reasoning: '' }, { predicted_per_second: 20 }),
    { elapsedMs: 9, body: undefined },
  ];
  const report = runReport({
    model: 'mentor',
    observedAt: 5,
    runs: [{ serviceId: 'h1/chat/q', assetId: 'q', workload: 'chat.short_reasoning', answers }],
  });
  expect(report).toMatchObject({
    report_id: 'mentor-chat.short_reasoning',
    source: 'geniehive-benchmark-runner',
  });
  expect(samplesOfReport(report)).toMatchObject([
    {
      service_id: 'h1/chat/q',
      asset_id: 'q',
      observed_at: 5,
      results: {
        case_count: 4,
        pass_rate: 0.5,
        response_rate: 0.75,
        empty_visible_response_rate: 0.5,
        p50_latency_ms: 200,
        ttft_ms: 20,
        tokens_per_sec: 30,
        prompt_tokens: 10,
        completion_tokens: 700 / 3,
      },
    },
  ]);
});

test('what no answer says is absent', () => {
  expect(runResults([])).toEqual({
    case_count: 0,
    pass_rate: 0,
    response_rate: 0,
    empty_visible_response_rate: 0,
  });
  const odd = [null, [], { choices: [] }, { choices: [3], timings: { prompt_ms: 'x' } }];
  expect(runResults(odd.map((body) => ({ elapsedMs: 1, body })))).toEqual({
    case_count: 4,
    pass_rate: 0,
    response_rate: 1,
    empty_visible_response_rate: 1,
    p50_latency_ms: 1,
  });
});
