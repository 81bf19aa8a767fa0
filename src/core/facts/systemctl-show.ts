import type { UnitState } from '../plan/observed.ts';

export const shownProperties = ['Id', 'LoadState', 'ActiveState', 'SubState', 'MainPID'] as const;

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
    if (id === undefined) continue;
    units.set(id, {
      loadState: values.get('LoadState') ?? 'unknown',
      activeState: values.get('ActiveState') ?? 'unknown',
      subState: values.get('SubState') ?? 'unknown',
      mainPid: Number(values.get('MainPID') ?? 0),
    });
  }
  return units;
}
