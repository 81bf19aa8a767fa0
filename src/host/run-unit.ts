import type { Action } from '../core/plan/action.ts';
import { isActive } from '../core/plan/observed.ts';
import type { Host } from './host.ts';
import { journalExcerpt, readUnit, systemctl } from './systemctl.ts';

/** A unit that did not do what it was told; `journal` is the end of what it said. */
export type Failure = {
  readonly unit: string;
  readonly message: string;
  readonly journal: string;
};

/** systemctl's exit code alone says too little: the unit's state afterwards is what counts. */
export async function runUnit(
  verb: Action['verb'],
  unit: string | undefined,
  host: Host,
): Promise<Failure | undefined> {
  const result = await systemctl(host, verb, unit);
  if (unit === undefined) {
    if (result.exitCode === 0) return undefined;
    return { unit: verb, message: `systemctl ${verb}: ${result.stderr.trim()}`, journal: '' };
  }
  // A unit that is not loaded any more has nothing to reset.
  if (verb === 'reset-failed') return undefined;
  const state = await readUnit(host, unit);
  const isGood = verb === 'stop' ? !isActive(state) : isActive(state) && result.exitCode === 0;
  if (isGood) return undefined;
  // systemd would try a start again and again meanwhile; the next install does once the cause is gone.
  if (verb === 'start' || verb === 'restart') await giveUp(unit, host);
  return {
    unit,
    message: `${unit} did not ${verb}: ${state.activeState} (${state.subState})`,
    journal: await journalExcerpt(host, unit),
  };
}

async function giveUp(unit: string, host: Host): Promise<void> {
  await systemctl(host, 'stop', unit);
  await systemctl(host, 'reset-failed', unit);
}
