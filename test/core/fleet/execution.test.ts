import { expect, test } from 'vitest';
import {
  type Execution,
  failureText,
  type StepOutcome,
} from '../../../src/core/fleet/execution/execution.ts';
import { executionJson } from '../../../src/core/fleet/execution/execution-json.ts';
import { withProbeTimeout } from '../../../src/core/fleet/execution/with-probe-timeout.ts';
import { planOf, recordOf } from '../../support/scripted-fleet.ts';

const SECRET = 'hunter2-hunter2';

const started: StepOutcome = {
  ...{ step: 'start_model', hostId: 'h1', description: 'Start model new on h1', isUndo: false },
  ...{ status: 'ok', exitCode: 0, stdout: '', stderr: '', isTimedOut: false, isLost: false },
  ...{ durationMs: 12.4, detail: '' },
};
const overdue: StepOutcome = {
  ...{ ...started, step: 'probe_health', status: 'error', exitCode: undefined, isTimedOut: true },
  ...{ stderr: `token ${SECRET}`, detail: 'not healthy, [REDACTED]' },
};
const undone: StepOutcome = { ...started, step: 'stop_model', isUndo: true };

function executed(more: Partial<Execution> = {}): Execution {
  return {
    ...{ isReused: false, steps: [started], failure: undefined, signal: undefined },
    ...{ stopped: undefined, isIncomplete: false, record: recordOf('h1'), ...more },
  };
}

test('a program is told of a switch in one document, with the place that answers', () => {
  const plan = { ...planOf({}), reason: 'host h1 was asked for' };
  expect(executionJson(plan, executed(), [])).toMatchObject({
    ...{ format_version: '1.0', ok: true, model_id: 'new', backend_id: 'vulkan', host_id: 'h1' },
    endpoint: 'http://127.0.0.1:8080/v1',
    reason: 'host h1 was asked for',
    execute: {
      ...{ ok: true, reused: false },
      steps: [
        {
          ...{ step: 'start_model', host_id: 'h1', status: 'ok', exit_code: 0 },
          ...{ stdout: '', stderr: '', duration_ms: 12 },
        },
      ],
    },
    warnings: [],
  });
});

test('of a failed switch it is told what failed, what was taken back, and no secret', () => {
  const steps = [started, overdue, undone];
  const plan = { ...planOf({}), backend: undefined, warnings: ['h1 is away'] };
  const failed = executed({ steps, failure: overdue, record: undefined });
  const told = executionJson(plan, failed, [SECRET]);
  expect(told).toMatchObject({
    ...{ ok: false, backend_id: null, undo_complete: true, active: null },
    execute: {
      ok: false,
      error: 'Step failed: probe_health on h1 (timed out)\nnot healthy, [REDACTED]',
      steps: [{}, { exit_code: null, timed_out: true }, { step: 'stop_model', undo: true }],
    },
  });
  expect(told).not.toHaveProperty('endpoint');
  expect(JSON.stringify(told)).not.toContain(SECRET);
  expect(executionJson(plan, { ...failed, isIncomplete: true }, [])).toMatchObject({
    undo_complete: false,
  });
});

test('a command that may still run is one for programs, too', () => {
  const lost: StepOutcome = { ...started, status: 'error', isLost: true };
  expect(executionJson(planOf({}), executed({ steps: [started, lost] }), [])).toMatchObject({
    execute: { steps: [expect.not.objectContaining({ may_run: true }), { may_run: true }] },
  });
});

test('a command that says nothing has failed with its exit code', () => {
  const silent: StepOutcome = { ...started, status: 'error', exitCode: 3 };
  expect(failureText(silent)).toBe('Step failed: start_model on h1\nexit code 3');
  expect(failureText({ ...silent, exitCode: undefined })).toContain('exit code unknown');
});

test('another time for the probe is for the probe alone', () => {
  const plan = planOf({});
  const selected = withProbeTimeout({ ok: true, plan }, 90_000);
  const times = selected.ok
    ? selected.plan.steps.map(({ kind, timeoutSec }) => [kind, timeoutSec])
    : [];
  expect(times).toEqual(
    plan.steps.map(({ kind, timeoutSec }) => [kind, kind === 'probe_health' ? 90 : timeoutSec]),
  );
  expect(withProbeTimeout({ ok: true, plan }, undefined)).toEqual({ ok: true, plan });
  const error = { code: 'MODEL_NOT_FOUND', reason: 'none', rejected: [] } as const;
  expect(withProbeTimeout({ ok: false, error }, 90_000)).toEqual({ ok: false, error });
});
