import { touchedUnits } from '../core/plan/touched-units.ts';
import { UNIT_DIR } from '../core/resolve/layout.ts';
import { memberOfUnit, memberUnit } from '../core/resolve/member.ts';
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
  const left = new Set(others);
  // What prepares a VM is left out with it.
  const memberOf = (unit: string) => memberOfUnit(unit.replace('-pre-start@', '@'));
  return touchedUnits(artefacts, plan.changes, plan.actions)
    .filter((unit) => !left.has(memberOf(unit) ?? -1))
    .filter((unit) => observed.units.get(unit)?.loadState !== 'masked');
}

/** How systemd must have loaded each of them. */
export function expectationsOf(prepared: Prepared): readonly LoadExpectation[] {
  const { artefacts, transaction, observed } = prepared;
  const own = new Set(artefacts.map(({ path }) => path));
  const members = new Set(
    (transaction.plan.owned.runtimes ?? []).map(({ index }) => memberUnit(index)),
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
      knowsDropIns: members.has(unit),
    };
  });
}
