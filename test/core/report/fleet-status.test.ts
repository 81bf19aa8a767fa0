import { expect, test } from 'vitest';
import type { ActiveRecord } from '../../../src/core/fleet/active-record.ts';
import { fleetStatusHuman, fleetStatusJson } from '../../../src/core/report/fleet-status.ts';
import { plainStyle } from '../../../src/core/report/style.ts';

const active: ActiveRecord = {
  format_version: 1,
  model_id: 'qwen',
  backend_id: 'cuda',
  host_ids: ['lab'],
  healthy: true,
  started_at: '2026-01-02T03:04:05Z',
  endpoint: 'http://10.0.0.10:8080/v1',
  fingerprint: 'whole.applied.open',
  variables: {
    source: '/m/hidden.gguf',
    port: 8080,
    host: '10.0.0.10',
    backend_args: ['--api-key', 'hidden'],
    backend_env: ['A=hidden'],
    model_id: 'qwen',
    host_id: 'lab',
    backend_id: 'cuda',
  },
  processes: [
    { host_id: 'lab', unit: { name: 'vllmd-fleet-qwen.service', manager: 'user' }, log: '/l/a' },
    { host_id: 'lab', group: { pgid: 4711, startTime: 99 }, log: '/l/b' },
    { host_id: 'lab', log: '/l/c' },
  ],
};

test('without a runtime the status is null, and a sentence for people', () => {
  expect(fleetStatusJson(undefined)).toBeNull();
  expect(fleetStatusHuman(undefined, plainStyle)).toBe('No active runtime.\n');
});

test('the status for programs is the record, with its logs and without secrets', () => {
  const { format_version: _, variables, processes: _all, ...rest } = active;
  expect(fleetStatusJson(active, ['hidden'])).toEqual({
    format_version: '1.0',
    ...rest,
    fingerprint: 'open',
    vars: {
      ...variables,
      source: '/m/[REDACTED].gguf',
      backend_args: ['--api-key', '[REDACTED]'],
      backend_env: ['A=[REDACTED]'],
    },
    processes: [
      { host_id: 'lab', unit: 'vllmd-fleet-qwen.service', manager: 'user' },
      { host_id: 'lab', pgid: 4711 },
      { host_id: 'lab' },
    ],
    logs: ['/l/a', '/l/b', '/l/c'].map((path) => ({ host_id: 'lab', path })),
  });
});

test('no digest that secrets are a part of is shown of a record', () => {
  for (const fingerprint of ['whole', 'whole.applied']) {
    expect(fleetStatusJson({ ...active, fingerprint })).not.toHaveProperty('fingerprint');
  }
});

test('the status for people says what runs where, and where its logs are', () => {
  expect(fleetStatusHuman(active, plainStyle)).toBe(
    `Active runtime: qwen
  Backend:   cuda
  Hosts:     lab
  State:     healthy when it was started
  Started:   2026-01-02T03:04:05Z
  Endpoint:  http://10.0.0.10:8080/v1
  Process:   unit vllmd-fleet-qwen.service of the account on lab
  Process:   group 4711 on lab
  Process:   unknown, on lab
  Log:       /l/a on lab
  Log:       /l/b on lab
  Log:       /l/c on lab
`,
  );
});

test('a runtime that something went wrong with says so', () => {
  const failed: ActiveRecord = { ...active, backend_id: null, healthy: false, processes: [] };
  const text = fleetStatusHuman(failed, plainStyle);
  expect(text).toContain('State:     something failed: it may run or not\n');
  expect(text).toContain('Backend:   none\n');
});

test('a unit of the system is told as one, and nothing forges a line', () => {
  const [first] = active.processes;
  const unit = { name: 'vllmd-x.service', manager: 'system' } as const;
  const processes = first === undefined ? [] : [{ ...first, unit, log: '/l/a\nHosts: evil' }];
  const text = fleetStatusHuman({ ...active, processes }, plainStyle);
  expect(text).toContain('unit vllmd-x.service of the system on lab\n');
  expect(text).toContain('/l/a\\nHosts: evil on lab\n');
});
