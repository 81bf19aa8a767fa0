import type { UnitState } from '../core/plan/observed.ts';
import { UNIT_DIR } from '../core/resolve/layout.ts';
import type { HostReader } from './host.ts';
import { readUnits } from './systemctl.ts';

/** How systemd must have loaded a unit. */
export type LoadExpectation = {
  readonly unit: string;
  readonly fragmentPath: string;
  /** Every drop-in that the plan knows: vllmd's own and the operator's. */
  readonly dropIns: readonly string[];
  /** Whether these are all: of units that are no runtimes only vllmd's own are known. */
  readonly knowsDropIns: boolean;
};

/** What systemd has not loaded as it was written, in sentences. A daemon-reload says nothing of it. */
export async function loadGate(
  host: HostReader,
  expectations: readonly LoadExpectation[],
): Promise<readonly string[]> {
  const states = await readUnits(
    host,
    expectations.map(({ unit }) => unit),
  );
  const problems: string[] = [];
  for (const expectation of expectations) {
    const { unit } = expectation;
    const state = states.get(unit);
    if (state?.loadState === 'loaded') problems.push(...differences(expectation, state));
    else problems.push(await notLoaded(unit, state, host));
  }
  return problems;
}

async function notLoaded(
  unit: string,
  state: UnitState | undefined,
  host: HostReader,
): Promise<string> {
  const result = await host.query(['systemctl', 'show', '--property=LoadError', '--', unit]);
  const why = /^LoadError=\S+ "?(.+?)"?$/m.exec(result.stdout)?.[1];
  const loadState = state?.loadState ?? 'unknown';
  return `${unit}: systemd did not load it (${loadState})${why === undefined ? '' : `: ${why}`}; see \`systemctl status ${unit}\``;
}

function differences(
  { unit, fragmentPath, dropIns, knowsDropIns }: LoadExpectation,
  state: UnitState,
): readonly string[] {
  const loaded = (state.dropInPaths ?? []).map(canonical);
  const known = new Set([...dropIns.map(canonical), devicesDropIn(unit)]);
  const problems: string[] = [];
  if (state.needsReload === true) {
    problems.push(`${unit}: its files changed again after systemd had read them`);
  }
  if (canonical(state.fragmentPath ?? '') !== canonical(fragmentPath)) {
    problems.push(
      `${unit}: systemd takes it from ${state.fragmentPath || 'nowhere'} and not from ${fragmentPath}`,
    );
  }
  for (const path of dropIns.filter((name) => isOwn(name) && !loaded.includes(name))) {
    problems.push(`${unit}: systemd does not use its drop-in ${path}`);
  }
  for (const path of loaded.filter((name) => knowsDropIns && !known.has(name))) {
    problems.push(`${unit}: ${path} came while the install ran; install again to take it in`);
  }
  return problems;
}

/** One that is the operator's may be hidden by another of the same name. */
function isOwn(path: string): boolean {
  return path.startsWith(`${UNIT_DIR}/`) && path.endsWith('/10-vllmd.conf');
}

/** Written at every start of a VM, by the unit that prepares it. */
function devicesDropIn(unit: string): string {
  return `/run/systemd/system/${unit}.d/20-vllmd-devices.conf`;
}

/** /lib is a link to /usr/lib, and systemd may name either. */
function canonical(path: string): string {
  return path.replace(/^\/lib\//, '/usr/lib/');
}
