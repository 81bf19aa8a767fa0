import type { Group } from '../render/artefact.ts';
import {
  HUGEPAGES_UNIT,
  NETWORK_UNIT,
  preStartUnit,
  VFIO_EARLY_UNIT,
  VFIO_ENV,
  vfioUnit,
} from '../resolve/layout.ts';
import { type Member, memberUnit } from '../resolve/member.ts';
import type { Action, Context } from './action.ts';
import { isActive, isFailed } from './observed.ts';

/** What must stop while its old definition is still loaded: dropped runtimes, runtimes that give up a GPU, freed GPUs. */
export function planStops(input: Context): readonly Action[] {
  const owners = new Map(
    input.assignments.flatMap(({ index, gpus }) => gpus.map((gpu) => [gpu, index] as const)),
  );
  // The nodes of all GPUs go to another account, while nobody holds them.
  const handsOver = input.changedFiles
    .get('shared')
    ?.some(({ path, reason }) => path === VFIO_ENV && /VLLMD_VFIO_(USER|GROUP)/.test(reason));
  const actions: Action[] = [];
  const freed: Action[] = [];
  for (const { index, gpus } of input.currentAssignments) {
    const reason = stopReason(index, gpus, owners, handsOver === true, input);
    if (reason === undefined) continue;
    actions.push(...stopIfRunning(memberUnit(index), index, reason, input));
    if (!input.gpusOf.has(index)) actions.push(...stopLeftOver(index, reason, input));
    for (const gpu of gpus.filter((address) => handsOver === true || !owners.has(address))) {
      const why = owners.has(gpu) ? 'account-changed' : 'device-released';
      freed.push(...stopIfRunning(vfioUnit(gpu), index, why, input));
    }
  }
  return [...actions, ...freed, ...stopShared(input)];
}

/** Units that the config no longer has, and all of them when nothing is left. */
function stopShared(input: Context): readonly Action[] {
  const { wantedUnits: wanted, layer } = input;
  const { targetUnit, sharedUnits, lateUnits, sliceUnit } = layer;
  const own = [...lateUnits, ...sharedUnits];
  const units = wanted.size === 0 ? [targetUnit, ...own, sliceUnit] : own;
  const gone = units.filter(
    (unit) => !wanted.has(unit) && (wanted.size === 0 || input.lastDigests.has(unit)),
  );
  const takesGpus = input.assignments.some(({ gpus }) => gpus.length > 0);
  return [...gone, ...(takesGpus ? [] : [VFIO_EARLY_UNIT])].flatMap((unit) =>
    stopIfRunning(unit, 'shared', 'removed-from-config', input),
  );
}

/** Why a member of the last install must stop before files are written; undefined when it need not. */
function stopReason(
  index: Member,
  gpus: readonly string[],
  owners: ReadonlyMap<string, Member>,
  handsOver: boolean,
  input: Context,
): string | undefined {
  const keeps = input.gpusOf.get(index);
  if (keeps === undefined) return 'removed-from-config';
  const lost = gpus
    .filter((gpu) => !keeps.includes(gpu))
    .map((gpu) => {
      const owner = owners.get(gpu);
      return owner === undefined ? `device-removed: ${gpu}` : `device-moved-to: ${owner}`;
    });
  if (lost.length > 0) return lost.join(', ');
  if (handsOver && gpus.length > 0) return 'account-changed';
  // What the operator restarts himself goes on as long as it can.
  if (input.noRestart || input.wanted.get(index)?.restart === 'manual') return undefined;
  // Its tap is a port of the bridge that goes.
  if (loses(NETWORK_UNIT, input)) return 'network-removed';
  // The host may have too little memory for what it has now and for the new pages together.
  return getsOtherPages(input) ? 'pages-change' : undefined;
}

function getsOtherPages({ lastDigests, wantedUnits, changedFiles }: Context): boolean {
  if (!wantedUnits.has(HUGEPAGES_UNIT)) return false;
  if (!lastDigests.has(HUGEPAGES_UNIT)) return true;
  const changed = changedFiles.get('shared') ?? [];
  return changed.some(({ reason }) => reason.includes('VLLMD_HUGEPAGES_SIZE_KIB'));
}

function loses(unit: string, input: Context): boolean {
  return input.lastDigests.has(unit) && !input.wantedUnits.has(unit);
}

/** What is gone from the config and had failed would be listed as failed until the next boot. */
export function planResets(stops: readonly Action[], input: Context): readonly Action[] {
  return stops
    .filter(({ unit }) => unit !== undefined && isFailed(input.observed.units.get(unit)))
    .map((action) => ({ ...action, verb: 'reset-failed' as const, reason: 'failed-before' }));
}

/** What prepares a VM stops with it. Alone it is still there when it failed itself. */
function stopLeftOver(index: Member, reason: string, input: Context): readonly Action[] {
  if (typeof index !== 'number') return [];
  const state = input.observed.units.get(memberUnit(index));
  const isNeeded = isActive(state) || state?.activeState === 'activating';
  return isNeeded ? [] : stopIfRunning(preStartUnit(index), index, reason, input);
}

function stopIfRunning(
  unit: string,
  group: Group,
  reason: string,
  input: Context,
): readonly Action[] {
  const state = input.observed.units.get(unit);
  const runs = isActive(state) || state?.activeState === 'activating' || isFailed(state);
  return runs ? [{ verb: 'stop', unit, group, reason }] : [];
}
