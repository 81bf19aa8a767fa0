import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import { lastLines, shortLine } from '../../../core/fleet/last-lines.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { HostCommand, Step } from '../../../core/fleet/select-plan.ts';
import type { RuntimeState } from '../runtime-process.ts';
import type { ShellResult } from '../transport.ts';
import { type ExecuteContext, interruption } from './context.ts';
import { hasFailed } from './host-access.ts';
import { blankOutcome, isGood, ofResult } from './run-command.ts';

/** One run of a probe takes no longer, however long the whole may take. */
const RUN_MS = 10_000;
const USUAL_INTERVAL_MS = 500;

type Probed = {
  readonly step: Step;
  readonly host: RuntimeHost;
  /** What was started for it; undefined: it may run without a process that is known. */
  readonly process: RuntimeProcess | undefined;
  /** It runs already. Else a host that is not reached can come back while a model loads. */
  readonly isReuse: boolean;
};

/** Probes until it is healthy, until the time is over, or until what was started has failed. */
export async function probeUntilHealthy(
  probed: Probed,
  context: ExecuteContext,
): Promise<StepOutcome> {
  const { step, host, process, isReuse } = probed;
  const begin = context.now();
  // What answers in the place of a process that is gone is something else.
  const ended = isReuse ? await whyEnded(host, process, context) : undefined;
  if (ended === undefined) return probeOn(probed, context);
  return { ...blankOutcome(step), durationMs: context.now() - begin, detail: ended };
}

async function probeOn(probed: Probed, context: ExecuteContext): Promise<StepOutcome> {
  const { step, host } = probed;
  const { now, wait, until } = context;
  const begin = now();
  const deadline = begin + step.timeoutSec * 1000;
  let told: Attempt | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const leftMs = deadline - now();
    const result = await probeOnce(step, host, leftMs, context);
    const answer = {
      ...blankOutcome(step),
      ...ofResult(result, Math.min(RUN_MS / 1000, step.timeoutSec)),
    };
    const outcome = { ...answer, durationMs: now() - begin };
    const tookMs = leftMs - (deadline - now());
    told = moreTelling(told, { attempts, detail: outcome.detail, result, leftMs, tookMs });
    if (isGood(result)) return outcome;
    if (until.aborted) return { ...outcome, detail: interruption(until) };
    const why = await hopeless(probed, { result, attempts }, context);
    if (why !== undefined) return { ...outcome, isTimedOut: false, detail: why };
    const left = Math.max(0, deadline - now());
    await wait(Math.min(step.probeIntervalMs ?? USUAL_INTERVAL_MS, left), until);
    if (until.aborted) return { ...outcome, detail: interruption(until) };
    if (deadline > now()) continue;
    const log = await tailOf(probed, context);
    return { ...outcome, isTimedOut: true, detail: overdue(told, step, log) };
  }
}

type Attempt = {
  readonly attempts: number;
  readonly detail: string;
  readonly result: ShellResult;
  /** Of the whole time, when it began. */
  readonly leftMs: number;
  readonly tookMs: number;
};

/** What is told of all: one for which hardly the time of an earlier one was left says nothing of the model. */
function moreTelling(before: Attempt | undefined, last: Attempt): Attempt {
  if (before === undefined || !last.result.isTimedOut) return last;
  return last.leftMs < 2 * before.tookMs ? before : last;
}

/** A run of it, within the time that is left. */
export function probeOnce(
  step: HostCommand,
  host: RuntimeHost,
  leftMs: number,
  { access, until }: ExecuteContext,
): Promise<ShellResult> {
  const timeoutMs = Math.max(1, Math.min(RUN_MS, leftMs));
  return access.run(host, step, { timeoutMs, until });
}

/** Why the process of a runtime cannot answer any more; undefined where it may, or where none is known. */
export async function whyEnded(
  host: RuntimeHost,
  process: RuntimeProcess | undefined,
  { access }: Pick<ExecuteContext, 'access'>,
): Promise<string | undefined> {
  if (process?.unit === undefined && process?.group === undefined) return undefined;
  const state = await access.look(host, process);
  return hasFailed(state) ? endText(state, await access.logTail(host, process)) : undefined;
}

/** A server that was put into the background is known to nobody: so many probes in a row it may miss. */
const MISSED = 3;

/** Why it will never be healthy; undefined where it may still become so. */
async function hopeless(
  { host, process, isReuse }: Probed,
  { result, attempts }: { readonly result: ShellResult; readonly attempts: number },
  { access }: ExecuteContext,
): Promise<string | undefined> {
  const { connection } = result;
  if (connection !== undefined) return isReuse ? `ssh: ${shortLine(connection)}` : undefined;
  if (process === undefined) return undefined;
  const state = await access.look(host, process);
  const isGone = isReuse && attempts >= MISSED && state.kind === 'ended';
  if (!isGone && !hasFailed(state)) return undefined;
  return endText(state, await access.logTail(host, process));
}

/** What became of a start command that has failed. */
export function endText(state: RuntimeState, log: readonly string[]): string {
  const code = state.kind === 'ended' ? ` with exit code ${state.exitCode}` : '';
  return [`what was started has ended${code}`, ...lastLines(log)].join('\n');
}

async function tailOf(
  { host, process }: Probed,
  { access }: ExecuteContext,
): Promise<readonly string[]> {
  return process === undefined ? [] : access.logTail(host, process);
}

function overdue(
  { attempts, detail }: Attempt,
  { timeoutSec }: Step,
  log: readonly string[],
): string {
  const runs = attempts === 1 ? 'in one run' : `in ${attempts} runs`;
  const logged = lastLines(log);
  return [
    `not healthy within ${timeoutSec} s, ${runs}; the last one: ${detail}`,
    ...(logged.length === 0 ? [] : ['the end of its log:', ...logged]),
    'it may load slowly (--wait-timeout), lack memory, or be probed at the wrong place',
  ].join('\n');
}
