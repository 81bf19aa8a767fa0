import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { SelectPlan, Step } from '../../../core/fleet/select-plan.ts';
import { type ExecuteContext, hostFor, interruption } from './context.ts';
import { blankOutcome, ofResult } from './run-command.ts';

const REACH_SEC = 15;

/** The first step on a host that is not there, as one that has failed: nothing is stopped for what cannot be started. */
export async function findUnreached(
  { isReuse, hosts, steps }: SelectPlan,
  context: ExecuteContext,
): Promise<StepOutcome | undefined> {
  // Its first step says the same, and stops nothing.
  if (isReuse) return undefined;
  const reached = new Set<RuntimeHost>();
  for (const step of steps) {
    const host = hostFor(step, hosts);
    if (host.transport !== 'ssh' || reached.has(host)) continue;
    reached.add(host);
    const outcome = await reach(step, host, context);
    if (outcome.status === 'error') return outcome;
  }
  return undefined;
}

/** A command that does nothing, where a step is to run; the outcome is that of the step. */
async function reach(
  step: Step,
  host: RuntimeHost,
  { access, until, now }: ExecuteContext,
): Promise<StepOutcome> {
  const begin = now();
  const nothing = { ...step, command: ':', env: {}, timeoutSec: REACH_SEC };
  const result = await access.run(host, nothing, { timeoutMs: REACH_SEC * 1000, until });
  const outcome = { ...blankOutcome(step), ...ofResult(result, REACH_SEC) };
  const detail = result.isAborted ? interruption(until) : outcome.detail;
  return { ...outcome, detail, exitCode: undefined, durationMs: now() - begin };
}
