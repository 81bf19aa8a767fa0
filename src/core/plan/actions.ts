import { UNIT_DIR } from '../resolve/layout.ts';
import { type Action, type ActionInput, withLookups } from './action.ts';
import type { Change, Notice } from './change.ts';
import { planStarts } from './starts.ts';
import { planResets, planStops } from './stops.ts';

export type Actions = {
  /** In the order in which they run; files are written between `before` and `after`. */
  readonly before: readonly Action[];
  readonly links: readonly Action[];
  readonly after: readonly Action[];
  readonly notices: readonly Notice[];
};

export function planActions(given: ActionInput): Actions {
  const input = withLookups(given);
  const notices: Notice[] = [];
  const before = planStops(input);
  const stopped = new Set(before.map((action) => action.unit));
  const runs = planStarts(input, stopped, notices);
  const reload = needsReload(input.changes)
    ? [{ verb: 'daemon-reload', group: 'shared', reason: 'unit-files-changed' } as const]
    : [];
  const after = [...reload, ...planResets(before, input), ...runs];
  return { before, links: enablement(input.changes), after, notices };
}

function needsReload(changes: readonly Change[]): boolean {
  return changes.some(
    (change) =>
      (change.type === 'file' || change.type === 'link') &&
      change.verb !== 'metadata' &&
      change.path.startsWith(`${UNIT_DIR}/`),
  );
}

function enablement(changes: readonly Change[]): readonly Action[] {
  return changes
    .filter((change) => change.type === 'link')
    .map((change) => ({
      verb: change.verb === 'delete' ? 'disable' : 'enable',
      unit: change.path.slice(change.path.lastIndexOf('/') + 1),
      group: change.group,
      reason: change.reason,
    }));
}
