import type { Action } from '../core/plan/action.ts';
import { isActive, type UnitState } from '../core/plan/observed.ts';
import { isTargetUnit } from '../core/resolve/layer.ts';
import { memberOfUnit } from '../core/resolve/member.ts';
import { type CommandResult, type Host, type HostReader, TIMED_OUT } from './host.ts';
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
  if (unit === undefined) return runAlone(verb, host);
  if (verb === 'stop') return stop(unit, host);
  if (isStartOfService(verb, unit)) return begin(verb, unit, host);
  const result = await systemctl(host, verb, unit);
  // A unit that is not loaded any more has nothing to reset.
  if (verb === 'reset-failed') return undefined;
  const state = await readUnit(host, unit);
  // A target is no more than its state, and to stop it would stop every runtime.
  if (isActive(state) && (result.exitCode === 0 || isTargetUnit(unit))) return undefined;
  return failureOf(unit, `did not ${verb}: ${stateInWords(state)}`, host);
}

/** A verb that is about no unit. */
async function runAlone(verb: Action['verb'], host: Host): Promise<Failure | undefined> {
  const result = await systemctl(host, verb);
  if (result.exitCode === 0) return undefined;
  return { unit: verb, message: `systemctl ${verb}: ${result.stderr.trim()}`, journal: '' };
}

async function begin(verb: Action['verb'], unit: string, host: Host): Promise<Failure | undefined> {
  await forgetStarts(unit, host);
  const before = await readUnit(host, unit);
  const result = await systemctl(host, verb, unit);
  const after = await readUnit(host, unit);
  if (isActive(after) && result.exitCode === 0) return undefined;
  const failure = await failureOf(unit, `did not ${verb}: ${stateInWords(after)}`, host);
  // systemd would try a start again and again meanwhile; the next install does once the cause is gone.
  if (!isLeftAlone(result, before, after)) await giveUp(unit, host);
  return failure;
}

/**
 * A restart that systemd refuses, of a unit that it cannot load, leaves the process of before. A job that nobody has
 * waited for may still come.
 */
function isLeftAlone({ exitCode }: CommandResult, before: UnitState, after: UnitState): boolean {
  if (exitCode === TIMED_OUT || !isActive(before) || !isActive(after)) return false;
  const { invocation = '' } = before;
  return invocation !== '' && invocation === after.invocation;
}

function isStartOfService(verb: Action['verb'], unit: string | undefined): boolean {
  return (verb === 'start' || verb === 'restart') && !isTargetUnit(unit);
}

/** systemd refuses a unit that was started too often of late, by whomever. What prepares a VM starts with it. */
async function forgetStarts(unit: string, host: Host): Promise<void> {
  const preparation = unit.replace(/^vllmd-runtime@/, 'vllmd-runtime-pre-start@');
  for (const name of new Set([unit, preparation])) await systemctl(host, 'reset-failed', name);
}

/** systemctl says that a stop went well also when the unit had to be killed. */
async function stop(unit: string, host: Host): Promise<Failure | undefined> {
  const before = await readUnit(host, unit);
  await systemctl(host, 'stop', unit);
  const after = await readUnit(host, unit);
  if (!isDown(after)) return failureOf(unit, `did not stop: ${stateInWords(after)}`, host);
  // A start that took too long leaves the same result behind.
  const wasKilled = after.activeState === 'failed' && after.result === 'timeout' && !isDown(before);
  if (!wasKilled) return undefined;
  const ended = typeof memberOfUnit(unit) === 'string' ? 'end' : 'power off';
  const message = `did not ${ended} in time and was killed; \`sudo systemctl stop ${unit}\` first, then install again`;
  return failureOf(unit, message, host);
}

/** Nothing is known of a unit that systemd does not tell of. */
function isDown({ activeState }: UnitState): boolean {
  return activeState === 'inactive' || activeState === 'failed';
}

/** `failed (failed, exit-code)` */
export function stateInWords({ activeState, subState, result }: UnitState): string {
  const why = result === undefined || result === 'success' ? '' : `, ${result}`;
  return `${activeState} (${subState}${why})`;
}

export async function failureOf(unit: string, what: string, host: HostReader): Promise<Failure> {
  return { unit, message: `${unit} ${what}`, journal: await journalExcerpt(host, unit) };
}

/** Stops what does not start, so that systemd does not go on trying. */
async function giveUp(unit: string, host: Host): Promise<void> {
  await systemctl(host, 'stop', unit);
  await systemctl(host, 'reset-failed', unit);
}
