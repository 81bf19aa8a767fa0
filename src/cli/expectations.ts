import { touchedUnits } from '../core/plan/touched-units.ts';
import { runtimeUnit, UNIT_DIR } from '../core/resolve/layout.ts';
import type { LoadExpectation } from '../host/load-gate.ts';
import type { Prepared } from './prepare.ts';

/**
 * Units that the plan touches. One that the operator has masked is his, and of those that --only leaves out nothing is
 * written.
 */
export function unitsToCheck({
  artefacts,
  transaction: { plan },
  observed,
  others,
}: Prepared): readonly string[] {
  const indexOf = (unit: string) => Number(/^vllmd-runtime(?:-pre-start)?@(\d+)\./.exec(unit)?.[1]);
  return touchedUnits(artefacts, plan.changes, plan.actions)
    .filter((unit) => !others.includes(indexOf(unit)))
    .filter((unit) => observed.units.get(unit)?.loadState !== 'masked');
}

/** How systemd must have loaded each of them. */
export function expectationsOf(prepared: Prepared): readonly LoadExpectation[] {
  const { artefacts, transaction, observed } = prepared;
  const own = new Set(artefacts.map(({ path }) => path));
  const runtimes = new Set(
    (transaction.plan.owned.runtimes ?? []).map(({ index }) => runtimeUnit(index)),
  );
  return unitsToCheck(prepared).map((unit) => {
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
  });
}
