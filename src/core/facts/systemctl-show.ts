import type { UnitState } from '../plan/observed.ts';

export const shownProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'MainPID',
  'Result',
  'NRestarts',
  'InvocationID',
  'NeedDaemonReload',
  'AssertResult',
  'AssertTimestampMonotonic',
  'FragmentPath',
  'DropInPaths',
] as const;

type Property = (typeof shownProperties)[number];

/** Output of `systemctl show --property=… -- UNIT…`: blocks of KEY=VALUE, one a unit, with blank lines between. */
export function parseSystemctlShow(text: string): ReadonlyMap<string, UnitState> {
  const units = new Map<string, UnitState>();
  for (const block of text.split('\n\n')) {
    const values = new Map(
      block.split('\n').map((line) => {
        const cut = line.indexOf('=');
        return [line.slice(0, cut), line.slice(cut + 1)];
      }),
    );
    const id = values.get('Id');
    if (id !== undefined)
      units.set(
        id,
        stateOf((name) => values.get(name)),
      );
  }
  return units;
}

/** Only services have a result, a main process and restarts. */
function stateOf(value: (name: Property) => string | undefined): UnitState {
  const result = value('Result');
  const restarts = value('NRestarts');
  const invocation = value('InvocationID');
  const needsReload = value('NeedDaemonReload');
  const fragmentPath = value('FragmentPath');
  const dropInPaths = value('DropInPaths');
  return {
    loadState: value('LoadState') ?? 'unknown',
    activeState: value('ActiveState') ?? 'unknown',
    subState: value('SubState') ?? 'unknown',
    mainPid: Number(value('MainPID') ?? 0),
    ...(result !== undefined && { result }),
    ...(restarts !== undefined && { restarts: Number(restarts) }),
    ...(invocation !== undefined && { invocation }),
    ...(needsReload !== undefined && { needsReload: needsReload === 'yes' }),
    ...(isUnmet(value) && { isUnmet: true }),
    ...(fragmentPath !== undefined && { fragmentPath }),
    ...(dropInPaths !== undefined && { dropInPaths: words(dropInPaths) }),
  };
}

/** AssertResult= is `no` as well for what nobody has ever started. */
function isUnmet(value: (name: Property) => string | undefined): boolean {
  const at = value('AssertTimestampMonotonic') ?? '0';
  return value('AssertResult') === 'no' && at !== '0';
}

/** A list as systemctl prints it: with spaces between, and a shell's quotes around what has one inside. */
function words(text: string): readonly string[] {
  const found = text.matchAll(/\$'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return [...found].map(
    ([, quoted, doubly, plain]) => plain ?? (quoted ?? doubly ?? '').replace(/\\(.)/g, '$1'),
  );
}
