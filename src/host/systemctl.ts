import { setTimeout as pause } from 'node:timers/promises';
import { parseSystemctlShow, shownProperties } from '../core/facts/systemctl-show.ts';
import { VllmdError } from '../core/failure.ts';
import type { UnitState } from '../core/plan/observed.ts';
import { isTargetUnit } from '../core/resolve/layer.ts';
import type { CommandResult, Host, HostReader } from './host.ts';
import { jobLimitMs } from './job-limit.ts';

/** For what is no job: daemon-reload, reset-failed. */
const CALL_TIMEOUT_MS = 180_000;
const JOURNAL_LINES = 30;
/** So that the names of all units fit on a command line, which has room for 2 MiB: those of a thousand runtimes do. */
const UNITS_PER_CALL = 5000;

const unknownState: UnitState = {
  loadState: 'unknown',
  activeState: 'unknown',
  subState: 'unknown',
  mainPid: 0,
};

export async function systemctl(host: Host, verb: string, unit?: string): Promise<CommandResult> {
  // The target wants every runtime. Its own start must not pull up those that failed or that the operator has stopped.
  const alone = isTargetUnit(unit) && verb === 'start' ? ['--job-mode=ignore-dependencies'] : [];
  const argv = ['systemctl', verb, ...alone, ...(unit === undefined ? [] : ['--', unit])];
  const isJob = unit !== undefined && verb !== 'reset-failed';
  return host.run(argv, isJob ? await jobLimitMs(host, unit) : CALL_TIMEOUT_MS);
}

export type Wait = (milliseconds: number) => Promise<void>;

/** systemd does not answer while it reads all units anew, and a VM that starts may have it do that. */
const PAUSES_MS = [50, 250, 1000] as const;

/** What systemd says of all these units, in one call for several thousand. */
export async function readUnits(
  host: HostReader,
  units: readonly string[],
  wait: Wait = pause,
): Promise<ReadonlyMap<string, UnitState>> {
  let look = await lookAtUnits(host, units);
  for (const milliseconds of PAUSES_MS) {
    if (look.problem === undefined) break;
    await wait(milliseconds);
    look = await lookAtUnits(host, units);
  }
  const { states, problem } = look;
  if (problem === undefined) return states;
  throw new VllmdError('unexpected', problem, 'see whether systemd answers: systemctl status');
}

export type Look = {
  readonly states: ReadonlyMap<string, UnitState>;
  /** Why nothing is said of some of them. */
  readonly problem?: string;
};

/** Asks once. */
export async function lookAtUnits(host: HostReader, units: readonly string[]): Promise<Look> {
  const states = new Map<string, UnitState>();
  for (let first = 0; first < units.length; first += UNITS_PER_CALL) {
    const result = await show(host, units.slice(first, first + UNITS_PER_CALL));
    if (result.exitCode !== 0) {
      const why = `exit code ${result.exitCode}: ${result.stderr.trim()}`;
      return { states, problem: `systemctl show failed with ${why}` };
    }
    for (const [unit, state] of parseSystemctlShow(result.stdout)) states.set(unit, state);
  }
  return { states };
}

function show(host: HostReader, units: readonly string[]): Promise<CommandResult> {
  const properties = `--property=${shownProperties.join(',')}`;
  return host.query(['systemctl', 'show', properties, '--', ...units]);
}

/** What systemd says of one unit, or, asked again and again, that it says nothing. */
export async function readUnit(
  host: HostReader,
  unit: string,
  wait: Wait = pause,
): Promise<UnitState> {
  const look = async () => parseSystemctlShow((await show(host, [unit])).stdout).get(unit);
  let state = await look();
  for (const milliseconds of PAUSES_MS) {
    if (state !== undefined) break;
    await wait(milliseconds);
    state = await look();
  }
  return state ?? unknownState;
}

/**
 * The end of what a unit, and for a runtime the unit that prepares it, wrote to the journal: since their last start
 * where that can be told.
 */
export async function journalExcerpt(host: HostReader, unit: string): Promise<string> {
  const preparation = unit.replace(/^vllmd-runtime@/, 'vllmd-runtime-pre-start@');
  const units = [...new Set([unit, preparation])];
  const shown = parseSystemctlShow((await show(host, units)).stdout);
  const matches = [...shown.values()]
    .flatMap(({ invocation }) => (invocation ? [invocation] : []))
    .flatMap((id) => ['+', `_SYSTEMD_INVOCATION_ID=${id}`, '+', `INVOCATION_ID=${id}`])
    .slice(1);
  const recent = matches.length > 0 ? await journal(host, matches) : '';
  if (recent !== '') return recent;
  return journal(
    host,
    units.flatMap((name) => ['--unit', name]),
  );
}

async function journal(host: HostReader, filter: readonly string[]): Promise<string> {
  const lines = `--lines=${JOURNAL_LINES}`;
  const options = ['--no-pager', '--quiet', '--boot', '--output=cat', lines];
  const result = await host.query(['journalctl', ...options, ...filter]);
  return result.stdout.trimEnd();
}
