import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { HostCommand, SelectPlan, Step } from '../../../core/fleet/select-plan.ts';
import type { ShellResult } from '../transport.ts';
import { type ExecuteContext, interruption } from './context.ts';
import { probeOnce } from './probe.ts';
import { blankOutcome, isGood, ofResult, saidBy } from './run-command.ts';

/** How long what was stopped a moment ago may still answer. */
const FALL_SILENT_MS = 10_000;
const LOOK_AGAIN_MS = 250;

type Vacancy = {
  readonly start: Step;
  readonly probe: Step;
  readonly host: RuntimeHost;
  readonly modelId: string;
  /** A runtime was stopped on this host just now. */
  readonly isAfterStop: boolean;
  /** What was stopped on it just now without a probe behind it. */
  readonly unchecked: string | undefined;
};

/** Why a start is refused; undefined where nothing answers yet. A healthy answer would be that of somebody else. */
export function refuseIfAnswering(
  vacancy: Vacancy,
  context: ExecuteContext,
): Promise<StepOutcome | undefined> {
  const { start, probe, host, isAfterStop } = vacancy;
  const patienceMs = isAfterStop ? FALL_SILENT_MS : 0;
  const what = `already answering: the probe of ${host.id} succeeds before anything is started`;
  const detail = [what, ...whatAnswers(vacancy, context)].join('\n');
  return failIfAnswering(start, { probe, host, patienceMs, detail }, context);
}

/** What was stopped is not it; without that, it may be the model itself, which somebody else has started. */
function whatAnswers(
  { start, modelId, host, isAfterStop, unchecked }: Vacancy,
  { access }: ExecuteContext,
): readonly string[] {
  if (unchecked !== undefined) {
    return [
      `it may be ${unchecked}, whose stop was not checked, or something else has its port`,
      'end that by hand, or correct stop_cmd, and select again',
    ];
  }
  if (isAfterStop) return ['something else has its port; stop it, or give the model another port'];
  const stop = start.undo.find(({ kind }) => kind === 'stop_model');
  return [
    `${modelId} runs there already, on no record of vllmd (by hand or since boot), or something else has its port`,
    ...(stop === undefined
      ? []
      : [`the stop_cmd of ${host.id} stops it: ${access.shown(stop.command)}`]),
    'run that there and select again; where it is something else, give the model another port',
  ];
}

/** Which model was stopped on the host of a start and not probed behind that: by `--force`, or as it has left the file. */
export function uncheckedStop(
  { steps }: SelectPlan,
  { hostId }: Step,
  { active }: ExecuteContext,
): string | undefined {
  const stop = steps.find((step) => step.kind === 'stop_model' && step.hostId === hostId);
  return stop !== undefined && stop.probe === undefined ? active?.model_id : undefined;
}

/**
 * A stop whose command succeeded, as a failed one where what it was to stop still answers. What was not started by vllmd
 * itself, as a container or a unit, is known by nothing else.
 */
export async function unlessAnswering(
  outcome: StepOutcome,
  { stop, host }: { readonly stop: Step; readonly host: RuntimeHost },
  context: ExecuteContext,
): Promise<StepOutcome> {
  const { probe } = stop;
  if (probe === undefined) return outcome;
  const detail = [
    `still answering: stop_cmd succeeded, and so does the probe of ${context.active?.model_id}`,
    'it runs on, or something else has its port: end that by hand, or correct stop_cmd; --force does not ask',
  ].join('\n');
  const asked = { probe, host, patienceMs: FALL_SILENT_MS, detail };
  const answering = await failIfAnswering(stop, asked, context);
  if (answering === undefined) return outcome;
  return {
    ...outcome,
    status: 'error',
    durationMs: outcome.durationMs + answering.durationMs,
    detail: [answering.detail, ...saidBy(outcome)].join('\n'),
  };
}

type Asked = {
  readonly probe: HostCommand;
  readonly host: RuntimeHost;
  /** How long it may still answer. */
  readonly patienceMs: number;
  /** What is said where it does so to the end. */
  readonly detail: string;
};

async function failIfAnswering(
  step: Step,
  { probe, host, patienceMs, detail }: Asked,
  context: ExecuteContext,
): Promise<StepOutcome | undefined> {
  const { now, wait, until } = context;
  const begin = now();
  let result: ShellResult;
  for (;;) {
    result = await probeOnce(probe, host, probe.timeoutSec * 1000, context);
    if (!isGood(result) || now() >= begin + patienceMs) break;
    await wait(LOOK_AGAIN_MS, until);
  }
  const failed = { ...blankOutcome(step), durationMs: now() - begin };
  if (result.isAborted) return { ...failed, detail: interruption(until) };
  if (result.connection !== undefined) {
    return { ...failed, ...ofResult(result, probe.timeoutSec) };
  }
  return isGood(result) ? { ...failed, detail } : undefined;
}
