import type { ExitName } from '../../failure.ts';
import type { Ending } from './ending.ts';

/**
 * `not-started`: something before it kept it from its start; `starting`: it is not healthy yet; `healthy`: it serves;
 * `ended`: by itself, as it was to; `stopped`: vllmd was asked to end; `failed`: with a reason.
 */
type InstanceState = 'not-started' | 'starting' | 'healthy' | 'ended' | 'stopped' | 'failed';

/** What has become of an instance. */
export type Outcome = {
  readonly name: string;
  readonly state: InstanceState;
  readonly url: string;
  readonly log: string;
  readonly pid?: number;
  /** From its start until it was healthy. */
  readonly healthyAfterMs?: number;
  readonly ending?: Ending;
  /** Why it has failed, in words. */
  readonly reason?: string;
};

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** A signal after everything was healthy is how a run is meant to end; one before that has cut it short. */
export function exitOf(outcomes: readonly Outcome[], stoppedBy: StopSignal | undefined): ExitName {
  if (outcomes.some(({ state }) => state === 'failed')) return 'runtime';
  const isCut = outcomes.some(
    ({ state, healthyAfterMs }) => state !== 'ended' && healthyAfterMs === undefined,
  );
  if (stoppedBy === undefined || !isCut) return 'ok';
  return stoppedBy === 'SIGINT' ? 'interrupted' : 'terminated';
}

/** Those that still have a process. */
export function running(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ state }) => state === 'healthy' || state === 'starting');
}

/** `2 of 5 instances failed` */
export function failedInWords(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ state }) => state === 'failed').length;
  const all = `${outcomes.length} ${outcomes.length === 1 ? 'instance' : 'instances'}`;
  return `${failed} of ${all} failed`;
}

/** An instance for programs. */
export type OutcomeJson = {
  readonly name: string;
  readonly state: InstanceState;
  readonly url: string;
  readonly log: string;
  readonly pid: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly healthy_after_ms: number | null;
  readonly reason: string | null;
};

export function outcomeJson(outcome: Outcome): OutcomeJson {
  const { name, state, url, log, pid, ending, healthyAfterMs, reason } = outcome;
  return {
    name,
    state,
    url,
    log,
    pid: pid ?? null,
    exit_code: ending?.exitCode ?? null,
    signal: ending?.signal ?? null,
    healthy_after_ms: healthyAfterMs ?? null,
    reason: reason ?? null,
  };
}
