import { HUGEPAGES_UNIT, NETWORK_UNIT, preStartUnit, vfioUnit } from '../resolve/layout.ts';
import { memberUnit } from '../resolve/member.ts';
import type { Assignment } from './action.ts';
import { isFailed, type Observed } from './observed.ts';

/** Units that a member starts after and does not start without. */
export function neededUnits({ index, gpus }: Assignment): readonly string[] {
  if (typeof index !== 'number') return [];
  return [NETWORK_UNIT, HUGEPAGES_UNIT, ...gpus.map(vfioUnit), preStartUnit(index)];
}

/**
 * What has kept a runtime that is down from starting: a unit, or a path that it asserts. systemd calls such a runtime
 * inactive, as one that somebody has stopped.
 */
export function blockerOf(runtime: Assignment, units: Observed['units']): string | undefined {
  const state = units.get(memberUnit(runtime.index));
  if (state?.activeState !== 'inactive') return undefined;
  const failed = neededUnits(runtime).find((unit) => isFailed(units.get(unit)));
  return failed ?? (state.isUnmet === true ? 'AssertPathExists' : undefined);
}

/** `vllmd-vfio@0000:01:00.0.service has failed` */
export function blockerInWords(blocker: string): string {
  return blocker.includes('.') ? `${blocker} has failed` : 'what its unit asserts was not there';
}
