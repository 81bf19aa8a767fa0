import { touchedUnits } from '../core/plan/touched-units.ts';
import { runtimeUnit, UNIT_DIR } from '../core/resolve/layout.ts';
import type { LoadExpectation } from '../host/load-gate.ts';
import type { Prepared } from './prepare.ts';

/** How systemd must have loaded each unit that is touched. One that the operator has masked is his. */
export function expectationsOf({
  artefacts,
  transaction,
  observed,
  others,
}: Prepared): readonly LoadExpectation[] {
  const own = new Set(artefacts.map(({ path }) => path));
  const runtimes = new Set(
    (transaction.plan.owned.runtimes ?? []).map(({ index }) => runtimeUnit(index)),
  );
  return (
    touchedUnits(artefacts, transaction.plan.changes)
      // Of those that --only leaves out nothing has been written.
      .filter(
        (unit) => !others.includes(Number(/^vllmd-runtime(?:-pre-start)?@(\d+)\./.exec(unit)?.[1])),
      )
      .filter((unit) => observed.units.get(unit)?.loadState !== 'masked')
      .map((unit) => {
        const dropIn = `${UNIT_DIR}/${unit}.d/10-vllmd.conf`;
        const others = (observed.dropIns.get(unit) ?? []).map(({ path }) => path);
        // Read or not, what was in force when the plan was made has not come meanwhile.
        const before = observed.units.get(unit)?.dropInPaths ?? [];
        return {
          unit,
          fragmentPath: `${UNIT_DIR}/${unit.replace(/@.*(?=\.[a-z]+$)/, '@')}`,
          dropIns: [
            ...(own.has(dropIn) ? [dropIn] : []),
            ...others,
            ...before.filter((path) => path !== dropIn),
          ],
          knowsDropIns: runtimes.has(unit),
        };
      })
  );
}
