import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadMeasurements } from '../../../../src/core/hive/files/load-file.ts';

function load(value: unknown) {
  return loadMeasurements(new TextEncoder().encode(JSON.stringify(value))).result;
}

const sample = { service_id: 's', workload: 'w', observed_at: 5 };

test('a report gives its samples with ids, also below its key', () => {
  const report = readFileSync('fixtures/hive-documents/benchmark-report.yaml');
  expect(loadMeasurements(report).result).toMatchObject({
    ok: true,
    value: { samples: [{ benchmark_id: 'bench_43443b18c252dbcc', asset_id: 'Qwen3.5-9B-Q5_K_M' }] },
  });
  expect(load({ samples: [sample] })).toMatchObject({
    value: { samples: [{ benchmark_id: expect.stringMatching(/^bench_[\da-f]{16}$/) }] },
  });
});

test('what has been converted stays as it is, also below its key', () => {
  const samples = [{ ...sample, benchmark_id: 'b', asset_id: null, results: { source: 'x' } }];
  expect(load({ samples })).toMatchObject({ ok: true, value: { samples } });
  expect(load({ benchmark_ingest_request: { samples } })).toMatchObject({ value: { samples } });
});

test('what is no report is refused with its place', () => {
  expect(load({ host: { host_id: 'h', address: 'a' } })).toMatchObject({
    ...{ ok: false, diagnostics: [{ pointer: '/host' }] },
  });
  const { observed_at: _, ...timeless } = sample;
  expect(load({ benchmark_report: { samples: [sample, timeless] } })).toMatchObject({
    diagnostics: [{ pointer: '/benchmark_report/samples/1/observed_at' }],
  });
});
