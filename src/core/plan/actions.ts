import { UNIT_DIR } from '../resolve/layout.ts';
import { type Action, type ActionInput, type Context, withLookups } from './action.ts';
import type { Change } from './change.ts';
import { nameOf } from './drop-ins.ts';
import { planStarts, type Starts } from './starts.ts';
import { planResets, planStops } from './stops.ts';

/** In the order in which they run; files are written between `before` and `after`. */
export type Actions = Pick<Starts, 'notices' | 'pending'> & {
  readonly before: readonly Action[];
  readonly links: readonly Action[];
  readonly after: readonly Action[];
};

export function planActions(given: ActionInput): Actions {
  const input = withLookups(given);
  const before = planStops(input);
  const stopped = new Set(before.map((action) => action.unit));
  const { actions: runs, notices, pending } = planStarts(input, stopped);
  const reload = needsReload(input, runs)
    ? [{ verb: 'daemon-reload', group: 'shared', reason: 'unit-files-changed' } as const]
    : [];
  const after = [...reload, ...planResets(before, input), ...runs];
  return { before, links: enablement(input.changes), after, notices, pending };
}

/** systemd does not see by itself that there is a first drop-in of a unit. */
function needsReload({ changes, observed }: Context, runs: readonly Action[]): boolean {
  const isUnitFile = ({ type, verb, path }: Change) =>
    (type === 'file' || type === 'link') && verb !== 'metadata' && path.startsWith(`${UNIT_DIR}/`);
  return (
    changes.some(isUnitFile) ||
    runs.some(
      ({ unit, reason }) =>
        reason.startsWith('drop-in-changed') ||
        observed.units.get(unit ?? '')?.needsReload === true,
    )
  );
}

function enablement(changes: readonly Change[]): readonly Action[] {
  return changes
    .filter((change) => change.type === 'link')
    .map((change) => ({
      verb: enablingVerb(change),
      unit: nameOf(change.path),
      group: change.group,
      reason: change.reason,
    }));
}

function enablingVerb({ verb, reason }: Change): Action['verb'] {
  if (reason === 'unmasked') return 'unmask';
  return verb === 'delete' ? 'disable' : 'enable';
}
