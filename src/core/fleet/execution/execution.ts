import type { ActiveRecord } from '../active-record.ts';
import type { StepKind, UndoStep } from '../select-plan.ts';

/** What became of one command. */
export type StepOutcome = {
  /** `stop_process`: the end of what this run had started itself. */
  readonly step: StepKind | UndoStep['kind'] | 'stop_process';
  readonly hostId: string;
  readonly description: string;
  /** It takes back what was done before. */
  readonly isUndo: boolean;
  readonly status: 'ok' | 'error' | 'skipped';
  /** Of the command; undefined where none was run, or none has ended by itself. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly isTimedOut: boolean;
  /** The way to the host went while the command ran there: it may run until its time limit. */
  readonly isLost: boolean;
  /** Why it failed, in one or more lines; '' where it did not. What is not in our own words is without secrets. */
  readonly detail: string;
};

/** What became of a plan. */
export type Execution = {
  readonly isReused: boolean;
  /** In the order in which they ended; those that were not run come last. */
  readonly steps: readonly StepOutcome[];
  readonly failure: StepOutcome | undefined;
  /** The signal that was the cause. */
  readonly signal: 'SIGINT' | 'SIGTERM' | undefined;
  /** What ran before and has ended, on each of its hosts; undefined where nothing did, or nobody knows. */
  readonly stopped: Pick<ActiveRecord, 'model_id' | 'host_ids'> | undefined;
  /** Something could not be taken back. */
  readonly isIncomplete: boolean;
  /** What runs, or may run after a failure; undefined where nothing of it does. */
  readonly record: ActiveRecord | undefined;
};

/** `Step failed: probe_health on lab (timed out)`, and below it why. */
export function failureText({ step, hostId, isTimedOut, detail, exitCode }: StepOutcome): string {
  const why = detail === '' ? `exit code ${exitCode ?? 'unknown'}` : detail;
  return `Step failed: ${step} on ${hostId}${isTimedOut ? ' (timed out)' : ''}\n${why}`;
}
