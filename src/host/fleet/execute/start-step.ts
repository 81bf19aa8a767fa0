import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { Step } from '../../../core/fleet/select-plan.ts';
import type { StartOutcome } from '../runtime-process.ts';
import type { ShellResult } from '../transport.ts';
import { type ExecuteContext, interruption } from './context.ts';
import { hasFailed } from './host-access.ts';
import { endText, probeOnce } from './probe.ts';
import { blankOutcome, isGood, ofResult } from './run-command.ts';

/** How long what was stopped a moment ago may still answer. */
const FALL_SILENT_MS = 10_000;
const LOOK_AGAIN_MS = 250;

type Vacancy = {
  readonly start: Step;
  readonly probe: Step;
  readonly host: RuntimeHost;
  /** A runtime was stopped on this host just now. */
  readonly isAfterStop: boolean;
};

/** Why a start is refused; undefined where nothing answers yet. A healthy answer would be that of somebody else. */
export async function refuseIfAnswering(
  { start, probe, host, isAfterStop }: Vacancy,
  context: ExecuteContext,
): Promise<StepOutcome | undefined> {
  const { now, wait, until } = context;
  const begin = now();
  const limit = begin + (isAfterStop ? FALL_SILENT_MS : 0);
  let result: ShellResult;
  for (;;) {
    result = await probeOnce(probe, host, probe.timeoutSec * 1000, context);
    if (!isGood(result) || now() >= limit) break;
    await wait(LOOK_AGAIN_MS, until);
  }
  const failed = { ...blankOutcome(start), durationMs: now() - begin };
  if (result.isAborted) return { ...failed, detail: interruption(until) };
  if (result.connection !== undefined) {
    return { ...failed, ...ofResult(result, probe.timeoutSec) };
  }
  if (!isGood(result)) return undefined;
  const detail = [
    `already answering: the probe of ${start.hostId} succeeds before anything is started`,
    'something else has its port; stop it, or give the model another port',
  ];
  return { ...failed, detail: detail.join('\n') };
}

type Starting = {
  readonly host: RuntimeHost;
  readonly modelId: string;
  /** Called before anything runs, and as soon as more is known of it: wherever vllmd is cut off, it can be found. */
  readonly onProcess: (process: RuntimeProcess) => void;
};

/** What lives for so long after its start is taken as running; the probe goes on to watch it. */
const GRACE_MS = 1000;

/** Starts a runtime, and waits until it runs. */
export async function startRuntime(
  step: Step,
  { host, modelId, onProcess }: Starting,
  context: ExecuteContext,
): Promise<StepOutcome> {
  const { access, now, until } = context;
  const begin = now();
  const started = await access.start(host, step, { modelId, until, onIdentity: onProcess });
  const { process, isTimedOut, isAborted } = started;
  if (process !== undefined) onProcess(process);
  const settled = isAborted ? started : await settle(host, started, context);
  const blank = { ...blankOutcome(step), isTimedOut, durationMs: now() - begin };
  const why = until.aborted ? interruption(until) : whyNotStarted(settled);
  if (why === undefined) return { ...blank, status: 'ok' };
  const { state } = settled;
  return { ...blank, exitCode: state.kind === 'ended' ? state.exitCode : undefined, detail: why };
}

type Settled = Pick<StartOutcome, 'process' | 'state' | 'log'>;

/** A command that is wrong ends right after its start. */
async function settle(
  host: RuntimeHost,
  started: Settled,
  { access, now, wait, until }: ExecuteContext,
): Promise<Settled> {
  const { process } = started;
  let { state } = started;
  if (process === undefined) return started;
  for (const limit = now() + GRACE_MS; state.kind === 'running' && now() < limit; ) {
    await wait(LOOK_AGAIN_MS, until);
    if (until.aborted) break;
    state = await access.look(host, process);
  }
  if (state === started.state || !hasFailed(state)) return { ...started, state };
  return { process, state, log: await access.logTail(host, process) };
}

function whyNotStarted({ process, state, log }: Settled): string | undefined {
  if (state.kind === 'unknown') return state.why;
  if (hasFailed(state)) return endText(state, log);
  return process === undefined ? 'it was not started' : undefined;
}
