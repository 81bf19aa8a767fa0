import { expect, test } from 'vitest';
import { callFailure } from '../../../../src/core/hive/answers/call-failure.ts';
import {
  readModelNames,
  readResolution,
  readServices,
} from '../../../../src/core/hive/answers/read-services.ts';
import { reportYaml, writtenReport } from '../../../../src/core/hive/benchmark/report-text.ts';
import { runReport } from '../../../../src/core/hive/benchmark/run-report.ts';
import { type Call, runsOfCalls } from '../../../../src/core/hive/benchmark/runs-of-calls.ts';
import { workloadNames, workloads } from '../../../../src/core/hive/benchmark/workloads.ts';
import { checkFile, loadMeasurements } from '../../../../src/core/hive/files/load-file.ts';
import { readDocument } from '../../../../src/core/hive/read/read-document.ts';

function service(id: string, ...assets: readonly string[]) {
  const read = readDocument('service', {
    ...{ service_id: id, host_id: 'h', kind: 'chat', endpoint: 'http://127.0.0.1:9' },
    assets: assets.map((asset_id) => ({ asset_id })),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

const a = service('h/a', 'm', 'other');
const b = service('h/ä b');
const known = { model: 'other', services: [a, b], resolved: a };

function call(service: string | undefined, elapsedMs: number, more: Partial<Call> = {}): Call {
  return { service, elapsedMs, body: {}, workload: 'chat.short_reasoning', ...more };
}

test('calls are told apart by workload and by the service that has answered', () => {
  const calls = [
    call('h/a', 1),
    call('h/%C3%A4%20b', 2),
    call('h/a', 3),
    call('h/a', 4, { workload: 'chat.concise_support' }),
  ];
  const runs = runsOfCalls(calls, known);
  expect(
    runs.map(({ answers, ...run }) => ({ ...run, times: answers.map((one) => one.elapsedMs) })),
  ).toEqual([
    { serviceId: 'h/a', assetId: 'other', workload: 'chat.short_reasoning', times: [1, 3] },
    { serviceId: 'h/ä b', assetId: null, workload: 'chat.short_reasoning', times: [2] },
    { serviceId: 'h/a', assetId: 'other', workload: 'chat.concise_support', times: [4] },
  ]);
});

test('a call that names no service counts for the one it was meant for, an unlisted one for itself', () => {
  const calls = [call(undefined, 1, { body: undefined }), call('h/new', 2)];
  expect(runsOfCalls(calls, known)).toMatchObject([
    { serviceId: 'h/a', answers: [{ elapsedMs: 1, body: undefined }] },
    { serviceId: 'h/new', assetId: null },
  ]);
});

test('a report is a file that is valid, without what nobody knows, and its samples have ids of their own', () => {
  const calls = [call('h/a', 1), call('h/%C3%A4%20b', 2)];
  const runs = runsOfCalls(calls, known);
  const report = runReport({ model: 'other', observedAt: 1775583000.25, runs });
  const text = reportYaml(report);
  expect(text).not.toContain('null');
  const bytes = new TextEncoder().encode(text);
  expect(checkFile(bytes).result).toMatchObject({ value: 'benchmark_report', warnings: [] });
  const { result } = loadMeasurements(bytes);
  expect(result).toMatchObject({
    value: {
      samples: [{ service_id: 'h/a', observed_at: 1775583000.25 }, { service_id: 'h/ä b' }],
    },
  });
  const json = new TextEncoder().encode(JSON.stringify(writtenReport(report)));
  expect(loadMeasurements(json).result).toEqual(result);
  if (!result.ok) return;
  expect(new Set(result.value.samples.map((sample) => sample.benchmark_id)).size).toBe(2);
});

test('a report of several workloads has all of their names in its id', () => {
  const calls = workloadNames.map((workload) => call('h/a', 1, { workload }));
  const report = runReport({ model: 'm', observedAt: 1, runs: runsOfCalls(calls, known) });
  expect(report.report_id).toBe('m-chat.short_reasoning+chat.concise_support');
  expect(workloadNames).toEqual(Object.keys(workloads));
});

test('what a registry resolves is a service, nothing, or no answer of it', () => {
  expect(readResolution({ resolution: { match_type: 'direct', service: a } })).toEqual(a);
  expect(readResolution({ resolution: { match_type: 'role', service: null } })).toBeNull();
  for (const odd of [3, {}, { resolution: 3 }, { resolution: { service: {} } }]) {
    expect(readResolution(odd)).toBeUndefined();
  }
});

test('what a registry lists is read whole or not at all', () => {
  expect(readServices({ data: [a, b] })).toEqual([a, b]);
  for (const odd of [3, {}, { data: 3 }, { data: [a, {}] }]) {
    expect(readServices(odd)).toBeUndefined();
  }
  expect(readModelNames({ data: [{ id: 'm' }, { id: 3 }, 3] })).toEqual(['m']);
  expect(readModelNames({})).toEqual([]);
});

test('why a request has failed is one line, and not a long one', () => {
  const said = (message: unknown) => callFailure(502, { error: { message } });
  expect(said('gone\nnow')).toBe('status 502: gone\\nnow');
  expect(said('x'.repeat(10_000)).length).toBeLessThan(300);
  expect(said(3)).toBe('status 502');
  expect(callFailure(503, { detail: 'full' })).toBe('status 503: full');
  expect(callFailure(500, 'text')).toBe('status 500');
});
