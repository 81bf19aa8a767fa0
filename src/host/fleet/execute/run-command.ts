import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import { lastLines, shortLine } from '../../../core/fleet/last-lines.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { Step, UndoStep } from '../../../core/fleet/select-plan.ts';
import { asError } from '../../as-error.ts';
import type { ShellResult } from '../transport.ts';
import { type ExecuteContext, hostFor, interruption } from './context.ts';

const MAY_RUN = 'the command may still run there, until its time limit ends it';

type Run = {
  readonly hosts: readonly RuntimeHost[];
  readonly isUndo: boolean;
  /** undefined: nothing cuts it off. */
  readonly until: AbortSignal | undefined;
};

/** Runs the command of a step once, to its end. */
export async function runCommand(
  step: Step | UndoStep,
  { hosts, isUndo, until }: Run,
  { access, now }: ExecuteContext,
): Promise<StepOutcome> {
  const begin = now();
  const host = hostFor(step, hosts);
  const timeoutMs = step.timeoutSec * 1000;
  const blank = { ...blankOutcome(step), isUndo };
  try {
    const result = await access.run(host, step, { timeoutMs, until });
    const outcome = { ...blank, ...ofResult(result, step.timeoutSec), durationMs: now() - begin };
    const isInterrupted = result.isAborted && until !== undefined;
    const detail = isInterrupted ? interruption(until) : outcome.detail;
    return result.isLost === true
      ? { ...outcome, isLost: true, detail: `${detail}\n${MAY_RUN}` }
      : { ...outcome, detail };
  } catch (error) {
    return { ...blank, detail: access.shown(asError(error).message), durationMs: now() - begin };
  }
}

/** One that has failed, for a reason that is still to be said. */
export function blankOutcome({ kind, hostId, description }: Step | UndoStep): StepOutcome {
  return {
    ...{ step: kind, hostId, description, isUndo: false, status: 'error', exitCode: undefined },
    ...{ stdout: '', stderr: '', durationMs: 0, isTimedOut: false, isLost: false },
    detail: '',
  };
}

export function isGood({ exitCode, isTimedOut, isAborted, connection }: ShellResult): boolean {
  return exitCode === 0 && !isTimedOut && !isAborted && connection === undefined;
}

/** What an outcome has of the answer of a shell. */
export function ofResult(result: ShellResult, timeoutSec: number) {
  const { exitCode, stdout, stderr, isTimedOut } = result;
  const isOk = isGood(result);
  return {
    status: isOk ? ('ok' as const) : ('error' as const),
    // That of a shell which was killed says nothing.
    exitCode: isTimedOut || result.isAborted ? undefined : exitCode,
    ...{ stdout, stderr, isTimedOut },
    detail: isOk ? '' : whyOf(result, timeoutSec),
  };
}

/** Why a command did not succeed, in one or more lines. */
export function whyOf(result: ShellResult, timeoutSec: number): string {
  const { exitCode, isTimedOut, isAborted, connection } = result;
  if (connection !== undefined) return `ssh: ${shortLine(connection)}`;
  if (isAborted) return 'interrupted';
  const why = isTimedOut ? `did not end within ${timeoutSec} s` : `exit code ${exitCode}`;
  return [why, ...saidBy(result)].join('\n');
}

/** The end of what a command said. */
export function saidBy({
  stdout,
  stderr,
}: Pick<ShellResult, 'stdout' | 'stderr'>): readonly string[] {
  const text = stderr.trim() === '' ? stdout : stderr;
  return lastLines(text.split('\n').filter((line) => line.trim() !== ''));
}
