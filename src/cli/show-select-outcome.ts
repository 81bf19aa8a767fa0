import { visible } from '../core/control-characters.ts';
import { type ExitName, exitCodes, VllmdError } from '../core/failure.ts';
import {
  type Execution,
  failureText,
  type StepOutcome,
} from '../core/fleet/execution/execution.ts';
import { executionJson } from '../core/fleet/execution/execution-json.ts';
import { unverifiedHint } from '../core/fleet/execution/unverified.ts';
import { redactText } from '../core/fleet/redact.ts';
import type { SelectPlan } from '../core/fleet/select-plan.ts';
import type { World } from '../host/world.ts';
import { showFailure } from './show-failure.ts';
import { writeJson } from './write-json.ts';

type Showing = {
  readonly json: boolean;
  readonly secrets: readonly string[];
  /** Of the state. */
  readonly directory: string;
};

type Outcome = { readonly plan: SelectPlan; readonly execution: Execution };

/** What became of a selection, and its exit code. */
export function showSelectOutcome(
  { plan, execution }: Outcome,
  { json, secrets, directory }: Showing,
  world: World,
): number {
  if (json) writeJson(executionJson(plan, execution, secrets), world);
  const { failure, isReused } = execution;
  if (failure === undefined) {
    if (!json) {
      const what = isReused
        ? 'Runtime already active and healthy. No changes needed.'
        : `Runtime switched to "${visible(redactText(plan.model.display_name, secrets))}" successfully.`;
      const { endpoint } = plan;
      const where = endpoint === undefined ? '' : `Endpoint: ${endpoint}\n`;
      world.stdout.write(`${what}\n${where}`);
    }
    return exitCodes.ok;
  }
  const exit = exitOf(execution);
  const text = `Execution failed: ${failureText(failure)}`;
  const hint = unverifiedHint(plan, execution) ?? hintOf(execution, directory);
  showFailure(new VllmdError(exit, text, hint), world);
  return exitCodes[exit];
}

function exitOf({ isIncomplete, signal }: Execution): ExitName {
  if (isIncomplete) return 'rollbackIncomplete';
  if (signal === undefined) return 'runtime';
  return signal === 'SIGINT' ? 'interrupted' : 'terminated';
}

/** What is left, and what to do about it. */
function hintOf(execution: Execution, directory: string): string {
  const { record, steps, failure } = execution;
  const failed = steps.filter(({ isUndo, status }) => isUndo && status === 'error');
  const left = failed.map(({ description }) => description).join(', ');
  const undone = left === '' ? [] : [`this could not be taken back: ${left}`];
  const gone = whatIsGone(execution);
  if (record === undefined) {
    return [...undone, whatIsLeft(execution), ...gone].join('\n');
  }
  if (failure?.step === 'stop_model' && isUnreached(failure)) {
    return `what ran on ${failure.hostId} may run or not; ${KNOWN_TO_BE_DOWN}`;
  }
  if (record.healthy) return 'what ran before was not touched, and stays on record';
  const where = record.host_ids.join(', ');
  const isAway = failed.length > 0 && failed.every(isUnreached);
  return [
    ...undone,
    `${record.model_id} may still run on ${where}: it stays on record in ${directory}, and the next select stops it first`,
    ...gone,
    ...(isAway ? [KNOWN_TO_BE_DOWN] : []),
    ...(steps.some(isRefusedStop) ? [SUCCEEDS_TOO] : []),
  ].join('\n');
}

function whatIsLeft({ steps, failure }: Execution): string {
  // A start that was begun is ended.
  const isBegun = steps.some(({ step }) => step === 'stop_process');
  if (failure?.step === 'start_model' && !isBegun) return 'nothing was started';
  if (steps.some(isHandedOver)) {
    return 'nothing that vllmd started is left running; what its start command had others start, as a container, stop_cmd alone can end';
  }
  return steps.some(({ isLost }) => isLost)
    ? 'no model is left running'
    : 'nothing of it is left running';
}

/** A start command that has ended well and left no process behind: either nothing runs, or it is in the hands of others. */
function isHandedOver({ step, status, exitCode }: StepOutcome): boolean {
  return step === 'start_model' && status === 'ok' && exitCode === 0;
}

/** Nobody starts it again. One that was to be started once more is what may be left. */
function whatIsGone({ stopped, record }: Execution): readonly string[] {
  if (stopped === undefined || stopped.model_id === record?.model_id) return [];
  return [`${stopped.model_id}, which ran before, was stopped and does not run any more`];
}

/** A stop command that has ended by itself, and said that it did not succeed. */
function isRefusedStop(outcome: StepOutcome): boolean {
  const { step, exitCode } = outcome;
  return step === 'stop_model' && exitCode !== undefined && exitCode !== 0 && !isUnreached(outcome);
}

const SUCCEEDS_TOO = 'a stop_cmd has to succeed where nothing runs, too: end it with `|| true`';

const KNOWN_TO_BE_DOWN =
  'once that host is known to be down, take it out of the file, and a select goes on without it';

function isUnreached({ detail }: StepOutcome): boolean {
  return detail.startsWith('ssh: ');
}
