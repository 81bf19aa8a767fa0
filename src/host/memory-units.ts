import type { Entry, UnitState } from '../core/plan/observed.ts';
import { UNIT_DIR } from '../core/resolve/layout.ts';
import type { CommandResult } from './host.ts';

/** systemctl on a machine in memory: every unit does as it is told, and is loaded as its files are. */
export function runSystemctl(
  argv: readonly string[],
  units: Map<string, UnitState>,
  entries: ReadonlyMap<string, Entry>,
): CommandResult {
  const [program, verb, ...rest] = argv;
  const success = { exitCode: 0, stdout: '', stderr: '' };
  if (program !== 'systemctl') return { exitCode: 127, stdout: '', stderr: 'no such program' };
  const names = rest.filter((argument) => !argument.startsWith('--'));
  if (verb === 'show') {
    return { ...success, stdout: names.map((name) => show(name, units, entries)).join('\n') };
  }
  for (const name of names) {
    if (verb === 'start' && units.get(name)?.activeState === 'active') continue;
    if (verb === 'start' || verb === 'restart') units.set(name, started(units.get(name)));
    if (verb === 'stop') units.set(name, { ...stopped, invocation: invocationOf(units.get(name)) });
  }
  return success;
}

const running = { loadState: 'loaded', activeState: 'active', subState: 'running', mainPid: 1 };
const stopped = { ...running, activeState: 'inactive', subState: 'dead', mainPid: 0 };

/** Another invocation at every start. */
function started(before: UnitState | undefined): UnitState {
  const count = Number.parseInt(invocationOf(before) || '0', 16) + 1;
  return { ...running, invocation: count.toString(16).padStart(32, '0') };
}

function invocationOf(state: UnitState | undefined): string {
  return state?.invocation ?? '';
}

function show(
  name: string,
  units: ReadonlyMap<string, UnitState>,
  entries: ReadonlyMap<string, Entry>,
): string {
  const template = name.replace(/@.*(?=\.[a-z]+$)/, '@');
  const fragment = [name, template]
    .map((file) => `${UNIT_DIR}/${file}`)
    .find((path) => entries.has(path));
  const known = units.get(name);
  const loadState = known?.loadState ?? (fragment === undefined ? 'not-found' : 'loaded');
  const dropIn = `${UNIT_DIR}/${name}.d/10-vllmd.conf`;
  const { activeState, subState, mainPid } = known ?? stopped;
  const lines = [
    `Id=${name}`,
    `LoadState=${loadState}`,
    `ActiveState=${activeState}`,
    `SubState=${subState}`,
    `MainPID=${mainPid}`,
    `InvocationID=${invocationOf(known)}`,
    `FragmentPath=${fragment ?? ''}`,
    `DropInPaths=${entries.has(dropIn) ? dropIn : ''}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
