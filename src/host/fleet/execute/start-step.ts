import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { Step } from '../../../core/fleet/select-plan.ts';
import type { StartOutcome } from '../runtime-process.ts';
import { type ExecuteContext, interruption } from './context.ts';
import { hasFailed } from './host-access.ts';
import { endText } from './probe.ts';
import { blankOutcome } from './run-command.ts';

const LOOK_AGAIN_MS = 250;

type Starting = {
  readonly host: RuntimeHost;
  readonly modelId: string;
  /** Called before anything runs, and as soon as more is known of it: wherever vllmd is cut off, it can be found. */
  readonly onProcess: (process: RuntimeProcess) => void;
  /** It is certain that nothing was started. */
  readonly onNothing: () => void;
};

/** What lives for so long after its start is taken as running; the probe goes on to watch it. */
const GRACE_MS = 1000;

/** Starts a runtime, and waits until it runs. */
export async function startRuntime(
  step: Step,
  { host, modelId, onProcess, onNothing }: Starting,
  context: ExecuteContext,
): Promise<StepOutcome> {
  const { access, now, until } = context;
  const begin = now();
  const onIdentity = (identity: RuntimeProcess) => {
    try {
      onProcess(identity);
    } catch (error) {
      // Nothing is started of which there would be no record.
      onNothing();
      throw error;
    }
  };
  const started = await access.start(host, step, { modelId, until, onIdentity });
  const { process, hasBegun, isTimedOut, isAborted } = started;
  if (!hasBegun) onNothing();
  if (process !== undefined) onProcess(process);
  const settled = isAborted ? started : await settle(host, started, context);
  const blank = { ...blankOutcome(step), isTimedOut, durationMs: now() - begin };
  const why = until.aborted ? interruption(until) : whyNotStarted(settled);
  const { state } = settled;
  const exitCode = state.kind === 'ended' ? state.exitCode : undefined;
  return why === undefined
    ? { ...blank, exitCode, status: 'ok' }
    : { ...blank, exitCode, detail: why };
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
