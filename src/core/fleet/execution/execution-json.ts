import { fleetStatusJson } from '../../report/fleet-status.ts';
import { FORMAT_VERSION } from '../../report/format-version.ts';
import { redactText } from '../redact.ts';
import type { SelectPlan } from '../select-plan.ts';
import { type Execution, failureText, type StepOutcome } from './execution.ts';

/** What became of a selection, for programs. What hosts say in details is without secrets already; other words are ours. */
export function executionJson(
  { reason, model, backend, target, endpoint, warnings }: SelectPlan,
  { isReused, steps, failure, stopped, isIncomplete, record }: Execution,
  secrets: readonly string[],
): object {
  const ok = failure === undefined;
  return {
    format_version: FORMAT_VERSION,
    ok,
    model_id: model.id,
    backend_id: backend?.id ?? null,
    host_id: target.id,
    reason,
    ...(ok && endpoint !== undefined ? { endpoint } : {}),
    execute: {
      ok,
      reused: isReused,
      steps: steps.map((outcome) => stepJson(outcome, secrets)),
      ...(failure === undefined ? {} : { error: failureText(failure) }),
    },
    ...(ok ? {} : { undo_complete: !isIncomplete }),
    stopped: stopped ?? null,
    active: fleetStatusJson(record, secrets),
    warnings,
  };
}

function stepJson(outcome: StepOutcome, secrets: readonly string[]): object {
  const { step, hostId, isUndo, status, exitCode, isTimedOut, isLost, detail } = outcome;
  return {
    step,
    host_id: hostId,
    ...(isUndo ? { undo: true } : {}),
    status,
    exit_code: exitCode ?? null,
    ...(isTimedOut ? { timed_out: true } : {}),
    ...(isLost ? { may_run: true } : {}),
    stdout: redactText(outcome.stdout, secrets),
    stderr: redactText(outcome.stderr, secrets),
    duration_ms: Math.round(outcome.durationMs),
    ...(detail === '' ? {} : { detail }),
  };
}
