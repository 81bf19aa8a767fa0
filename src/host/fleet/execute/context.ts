import type { ActiveRecord } from '../../../core/fleet/active-record.ts';
import type { StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { HostCommand, Step, UndoStep } from '../../../core/fleet/select-plan.ts';
import type { ActiveState } from '../active-state.ts';
import type { HostAccess } from './host-access.ts';

export type ExecuteEvent =
  | {
      readonly kind: 'begin';
      readonly step: StepOutcome['step'];
      readonly description: string;
      /** As its host gets it; undefined where none is run: a process is ended, or a signal has come. */
      readonly command: HostCommand | undefined;
    }
  | { readonly kind: 'end'; readonly outcome: StepOutcome }
  /** Something went wrong that stops nothing. */
  | { readonly kind: 'warning'; readonly text: string };

export type ExecuteContext = {
  readonly access: HostAccess;
  readonly state: ActiveState;
  /** What ran before; it is as the state has it. */
  readonly active: ActiveRecord | undefined;
  /** Aborted by a signal, with its name as the reason. */
  readonly until: AbortSignal;
  readonly tell: (event: ExecuteEvent) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends sooner where it is aborted. */
  readonly wait: (milliseconds: number, until: AbortSignal) => Promise<void>;
};

/** Why a step was not ended. */
export function interruption({ reason }: AbortSignal): string {
  return `interrupted by ${reason}`;
}

/** The signal that has aborted it. */
export function signalOf({ reason }: AbortSignal): 'SIGINT' | 'SIGTERM' {
  return reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
}

/** The host of a step. Every plan has all of them. */
export function hostFor(step: Step | UndoStep, hosts: readonly RuntimeHost[]): RuntimeHost {
  const { hostId } = step;
  const host = step.host ?? hosts.find(({ id }) => id === hostId);
  if (host === undefined) throw new RangeError(`the plan has no host ${hostId}`);
  return host;
}
