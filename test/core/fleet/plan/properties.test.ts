import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActiveRecord } from '../../../../src/core/fleet/active-record.ts';
import { misfit } from '../../../../src/core/fleet/plan/eligible.ts';
import { planSelection } from '../../../../src/core/fleet/plan/select.ts';
import type { RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';
import { backend, host, model, recordOf } from './samples.ts';

const hostIds = ['h1', 'h2', 'h3'];
const backendIds = ['b1', 'b2', 'b3'];

function policy(ids: readonly string[]) {
  return fc.oneof(fc.constant('any' as const), fc.subarray([...ids]));
}

const command = fc.option(
  fc.constantFrom('run {source} {port}', 'x {backend_env} {backend_args}', 'y {host} {host_id}'),
  { nil: undefined },
);

function present<Value extends object>(value: Value) {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

const hosts = hostIds.map((id) =>
  fc
    .record({
      enabled: fc.boolean(),
      backends: fc.subarray(backendIds),
      cleanup: command,
      transport: fc.constantFrom('local' as const, 'ssh' as const),
    })
    .map(({ backends, cleanup, ...rest }) =>
      host({
        id,
        ...rest,
        connection: { host: `${id}.lan` },
        capabilities: { gpu: [], backends },
        model_control: { stop_cmd: 'stop {port}', ...present({ cleanup_cmd: cleanup }) },
      }),
    ),
);

const backends = backendIds.map((id) =>
  fc
    .record({
      enabled: fc.boolean(),
      host_filters: policy(hostIds),
      apply_cmd: command,
      verify_cmd: command,
      rollback_cmd: command,
      verify_always: fc.boolean(),
      env: fc.dictionary(fc.constantFrom('A', 'B_TOKEN'), fc.string()),
      args: fc.array(fc.string()),
    })
    .map((values) => backend({ id, ...present(values) })),
);

const models = ['m1', 'm2'].map((id) =>
  fc
    .record({ host_policy: policy(hostIds), backend_policy: policy(backendIds) })
    .map((values) => model({ id, ...values, runtime_defaults: { port: 9000 } })),
);

const file: fc.Arbitrary<RuntimesFile> = fc.record({
  hosts: fc.tuple(...hosts).chain((all) => fc.subarray(all)),
  backends: fc.tuple(...backends),
  models: fc.tuple(...models),
});

const request = fc.record({
  modelId: fc.constantFrom('m1', 'm2'),
  hostId: fc.option(fc.constantFrom(...hostIds), { nil: undefined, freq: 3 }),
  backendId: fc.option(fc.constantFrom(...backendIds), { nil: undefined, freq: 3 }),
  isForced: fc.boolean(),
});

/** Of what another plan of such a file has left, healthy or not. */
const active: fc.Arbitrary<ActiveRecord | undefined> = fc
  .tuple(file, request, fc.boolean(), fc.subarray(hostIds, { minLength: 1 }), fc.boolean())
  .map(([before, asked, healthy, host_ids, isMoved]) => {
    const result = planSelection({ file: before, request: asked, active: undefined });
    if (!result.ok) return undefined;
    const record = { ...recordOf(result.plan), healthy };
    return isMoved ? { ...record, host_ids } : record;
  });

const selection = fc.record({ file, request, active });

test('the same file, request and record give the same plan', () => {
  fc.assert(
    fc.property(selection, (given) => {
      const again = structuredClone(given);
      expect(JSON.stringify(planSelection(again))).toBe(JSON.stringify(planSelection(given)));
    }),
  );
});

test('a plan has the host of each of its steps, and no other', () => {
  fc.assert(
    fc.property(selection, (given) => {
      const result = planSelection(given);
      if (!result.ok) return;
      const { hosts: listed, steps } = result.plan;
      const used = steps.flatMap(({ hostId, undo }) => [hostId, ...undo.map((one) => one.hostId)]);
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(used));
    }),
  );
});

test('a plan keeps every rule of the file and of the request', () => {
  fc.assert(
    fc.property(selection, (given) => {
      const result = planSelection(given);
      if (!result.ok) return;
      const { target, model: chosen, backend: fitting } = result.plan;
      const { hostId, backendId } = given.request;
      expect(target.enabled).toBe(true);
      expect(chosen.host_policy === 'any' || chosen.host_policy.includes(target.id)).toBe(true);
      expect([undefined, target.id]).toContain(hostId);
      expect(backendId === undefined || backendId === fitting?.id).toBe(true);
      if (fitting === undefined) expect(chosen.backend_policy).toBe('any');
      else expect(misfit(target, fitting)).toBeUndefined();
    }),
  );
});

test('a refusal gives a rule for each pair that was tried', () => {
  fc.assert(
    fc.property(selection, (given) => {
      const result = planSelection(given);
      if (result.ok) return;
      const { code, rejected } = result.error;
      const pairs = rejected.map(({ hostId, backendId }) => `${hostId} ${backendId}`);
      expect(new Set(pairs).size).toBe(pairs.length);
      if (code === 'BACKEND_HOST_MISMATCH') expect(rejected).not.toEqual([]);
    }),
  );
});

test('what runs is stopped before anything starts, on every host that is still there', () => {
  fc.assert(
    fc.property(selection, (given) => {
      const result = planSelection(given);
      if (!result.ok || result.plan.isReuse) return;
      const kinds = result.plan.steps.map(({ kind }) => kind);
      const stops = result.plan.steps.filter(({ kind }) => kind === 'stop_model');
      const known = new Set(given.file.hosts.map(({ id }) => id));
      const running = given.active?.host_ids ?? [];
      expect(stops.map(({ hostId }) => hostId)).toEqual(running.filter((id) => known.has(id)));
      expect(kinds.lastIndexOf('stop_model')).toBeLessThan(kinds.indexOf('start_model'));
      expect(kinds.slice(-2)).toEqual(['start_model', 'probe_health']);
      const left = result.plan.warnings.filter((text) => text.includes('is not stopped'));
      expect(left).toHaveLength(running.filter((id) => !known.has(id)).length);
    }),
  );
});
