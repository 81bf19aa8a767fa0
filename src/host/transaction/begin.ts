import { randomUUID } from 'node:crypto';
import type { KnownManifest } from '../../core/plan/changes.ts';
import { isActive, isStarting, type UnitState } from '../../core/plan/observed.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Member } from '../../core/resolve/member.ts';
import { savedAfter, savedEntry } from '../../core/transaction/entries.ts';
import type { Transaction, TransactionGroup } from '../../core/transaction/groups.ts';
import type { Journal, JournalUnit, Operation } from '../../core/transaction/journal.ts';
import { completeManifest, restrictedManifest } from '../../core/transaction/next-manifest.ts';

export type TransactionContext = {
  readonly operation: Operation;
  readonly manifest: KnownManifest;
  readonly config: { readonly path: string; readonly sha256: string };
  readonly version: string;
  /** As the plan has seen them. */
  readonly units: ReadonlyMap<string, UnitState>;
  /** The plan with what --only leaves out. */
  readonly wholePlan: Plan;
  readonly others: readonly Member[];
  readonly isOffline: boolean;
  readonly confirmWithinMs?: number | undefined;
  readonly allOrNothing?: boolean;
  readonly isBoot?: true | undefined;
};

/** The journal that stands before the first change. */
export function journalOf(transaction: Transaction, context: TransactionContext): Journal {
  const { plan, groups, last, purge } = transaction;
  const before = typeof context.manifest === 'object' ? context.manifest : null;
  const complete = completeManifest(context.wholePlan, before, {
    lineage: before?.lineage ?? randomUUID(),
    config: context.config,
    version: context.version,
    isBoot: context.isBoot === true,
  });
  const { others, wholePlan } = context;
  const after =
    others.length === 0
      ? complete
      : restrictedManifest(before, complete, wholePlan.changes, plan.changes, others);
  const backups = `${wholePlan.layer.record.backups}/${after.generation}`;
  const { confirmWithinMs } = context;
  return {
    schema: 1,
    operation: context.operation,
    phase: 'prepared',
    isOffline: context.isOffline,
    before,
    after,
    groups: groups.map(({ id, runtimes }) => ({ id, runtimes, state: 'pending' })),
    changes: inPlanOrder(plan, groups).map(({ change, group }) => ({
      group,
      path: change.path,
      before: savedEntry(change.before),
      after: savedAfter(change.after),
      ...(change.keepsBackup === true ? { backup: `${backups}${change.path}` } : {}),
      ...(change.restores === undefined ? {} : { restores: change.restores }),
    })),
    units: journalUnits(groups, last, context.units),
    purge,
    ...(context.allOrNothing === true ? { allOrNothing: true } : {}),
    ...(confirmWithinMs === undefined ? {} : { confirmWithinMs }),
  };
}

function inPlanOrder(plan: Plan, groups: readonly TransactionGroup[]) {
  const groupOf = new Map(
    groups.flatMap(({ id, changes }) => changes.map((change) => [change, id] as const)),
  );
  return plan.changes.flatMap((change) => {
    const group = groupOf.get(change);
    return group === undefined ? [] : [{ change, group }];
  });
}

function journalUnits(
  groups: readonly TransactionGroup[],
  last: Transaction['last'],
  states: TransactionContext['units'],
): readonly JournalUnit[] {
  const units = new Map<string, JournalUnit>();
  const calls = [
    ...groups.flatMap(({ id, stops, runs }) =>
      [...stops, ...runs].map((action) => ({ id, action })),
    ),
    ...last.map((action) => ({ id: 0, action })),
  ];
  for (const { id, action } of calls) {
    const { unit, verb } = action;
    if (unit === undefined || verb === 'reset-failed') continue;
    const known = units.get(unit);
    const state = states.get(unit);
    units.set(unit, {
      unit,
      group: known?.group ?? id,
      verbs: [...(known?.verbs ?? []), verb],
      wasActive: isActive(state) || isStarting(state),
      ...(state?.subState === 'auto-restart' ? { wasRetried: true as const } : {}),
      invocation: state?.invocation ?? '',
    });
  }
  return [...units.values()];
}
