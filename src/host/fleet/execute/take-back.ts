import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { Step, UndoStep } from '../../../core/fleet/select-plan.ts';
import { asError } from '../../as-error.ts';
import { type ExecuteContext, hostFor } from './context.ts';
import { whyLeft } from './host-access.ts';
import { blankOutcome, runCommand } from './run-command.ts';

type Done = {
  /** Steps that may have had an effect, in their order. */
  readonly begun: readonly Step[];
  readonly hosts: readonly RuntimeHost[];
  /** What was started; undefined where a start was begun: nobody knows what runs. */
  readonly process: RuntimeProcess | undefined;
};

/** The way back, the last step first. One that fails does not keep the others from being tried; no signal cuts it off. */
export async function takeBack(
  { begun, hosts, process }: Done,
  context: ExecuteContext,
): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const add = async (undo: UndoStep | string, work: () => Promise<StepOutcome>) => {
    const begun =
      typeof undo === 'string'
        ? { step: 'stop_process' as const, description: undo, command: undefined }
        : { step: undo.kind, description: undo.description, command: undo };
    context.tell({ kind: 'begin', ...begun });
    const outcome = await work();
    context.tell({ kind: 'end', outcome });
    outcomes.push(outcome);
  };
  for (const step of begun.toReversed()) {
    if (step.kind === 'start_model') {
      const host = hostFor(step, hosts);
      const description = `End what was started on ${host.id}`;
      await add(description, () => endProcess({ step, host, process, description }, context));
    }
    for (const undo of step.undo) {
      const how = { hosts, isUndo: true, until: undefined };
      await add(undo, () => runCommand(undo, how, context));
    }
  }
  return outcomes;
}

/** Without these a runtime may still be there. */
const endsRuntime: ReadonlySet<StepOutcome['step']> = new Set(['stop_process', 'stop_model']);

/** Whether something of a runtime may be there after the way back. */
export function mayBeLeft(undone: readonly StepOutcome[]): boolean {
  return undone.some(({ status, step }) => status === 'error' && endsRuntime.has(step));
}

type Ending = {
  readonly step: Step;
  readonly host: RuntimeHost;
  readonly process: RuntimeProcess | undefined;
  readonly description: string;
};

async function endProcess(
  { step, host, process, description }: Ending,
  { access, now }: ExecuteContext,
): Promise<StepOutcome> {
  const begin = now();
  const blank = { ...blankOutcome(step), step: 'stop_process' as const, isUndo: true, description };
  if (process === undefined) {
    return { ...blank, detail: `the start was begun, and ${host.id} has not said what runs` };
  }
  try {
    const why = whyLeft(await access.end(host, process));
    const durationMs = now() - begin;
    return why === undefined
      ? { ...blank, status: 'ok', durationMs }
      : { ...blank, detail: why, durationMs };
  } catch (error) {
    return { ...blank, detail: access.shown(asError(error).message), durationMs: now() - begin };
  }
}
