import { listsBy } from '../lists-by.ts';
import type { Change } from '../plan/change.ts';
import type { KnownManifest } from '../plan/changes.ts';
import type { Plan, PlannedAction } from '../plan/plan.ts';
import { isTargetUnit } from '../resolve/layer.ts';
import type { Member } from '../resolve/member.ts';
import { Components } from './components.ts';
import { type Assignments, assignments, isForAll, ownersOf, usersOf } from './shared-users.ts';

/** What is on one generation as a whole: runtimes that change together, with everything that changes for them. */
export type TransactionGroup = {
  /** The position in the transaction; 0 is what no runtime depends on in its old form. */
  readonly id: number;
  /** Sorted; none in group 0. */
  readonly runtimes: readonly Member[];
  readonly changes: readonly Change[];
  /** Made before the first file is written. */
  readonly stops: readonly PlannedAction[];
  /** Made after all files are written, in this order. */
  readonly runs: readonly PlannedAction[];
};

export type Transaction = {
  /** With its actions in the order in which the groups run. */
  readonly plan: Plan;
  readonly groups: readonly TransactionGroup[];
  /** What follows when all groups have run, and takes nothing back where it fails: the target, and what no runtime needs. */
  readonly last: readonly PlannedAction[];
  readonly purge: readonly Purge[];
};

/** A disk to delete once everything else has been done, or a directory that is empty only then. */
export type Purge = { readonly path: string; readonly type: 'data' | 'directory' };

/** Takes a plan apart into groups that start, or go back, one by one. */
export function transactionOf(plan: Plan, manifest: KnownManifest): Transaction {
  const purge = purgeOf(plan.changes);
  const late = new Set(purge.map(({ path }) => path));
  const changes = plan.changes.filter(({ path }) => !late.has(path));
  const actions = plan.actions.filter(({ phase }) => phase !== 'files');
  const { sets, ofChange, ofAction } = couple(plan, changes, actions, manifest);
  const isLast = ({ unit, verb }: PlannedAction) =>
    (isTargetUnit(unit) && verb === 'start') || plan.layer.lateUnits.includes(unit ?? '');
  const runs = actions.filter(({ phase, verb }) => phase === 'after' && verb !== 'daemon-reload');
  const order = [undefined, ...sets.inOrder(runs.flatMap((action) => ofAction(action) ?? []))];
  const stops = actions.filter(({ phase }) => phase === 'before');
  const last = new Set(runs.filter(isLast));
  const firstRuns = runs.filter((action) => !last.has(action));
  const members = listsBy(sets.members, (member) => sets.of(member));
  const [changesOf, stopsOf] = [listsBy(changes, ofChange), listsBy(stops, ofAction)];
  const runsOf = listsBy(firstRuns, ofAction);
  const groups = order.map((root, id) => ({
    id,
    runtimes: root === undefined ? [] : (members.get(root) ?? []),
    changes: changesOf.get(root) ?? [],
    stops: stopsOf.get(root) ?? [],
    runs: runsOf.get(root) ?? [],
  }));
  const isRun = new Set(runs);
  const head = plan.actions.filter((action) => !isRun.has(action));
  return {
    plan: { ...plan, actions: [...head, ...groups.flatMap((group) => group.runs), ...last] },
    groups,
    last: [...last],
    purge,
  };
}

/** Joins runtimes that hand a GPU over, and those that need the same shared file in its old form. */
function couple(
  plan: Plan,
  changes: readonly Change[],
  actions: readonly PlannedAction[],
  manifest: KnownManifest,
) {
  const before = assignments(typeof manifest === 'object' ? (manifest.runtimes ?? []) : []);
  const after = assignments(plan.owned.runtimes ?? []);
  const touched = [...changes, ...actions].flatMap(({ group }) =>
    group === 'shared' ? [] : group,
  );
  const sets = new Components(touched);
  for (const pair of handOvers(before, after)) sets.join(pair);
  const users = new Map<Change, readonly Member[]>();
  const owners = ownersOf(sets.members, before, after);
  for (const change of changes.filter(({ group }) => group === 'shared')) {
    const of = { touched: sets.members, owners, before, after, layer: plan.layer };
    const ofPath = usersOf(change, of);
    users.set(change, ofPath);
    sets.join(ofPath);
  }
  // A shared unit that already runs is restarted or stopped for all that are changed by it; a new one is needed first.
  const couplers = [...users].find(([change, of]) => of.length > 0 && isForAll(change))?.[1] ?? [];
  const ofChange = (change: Change) =>
    sets.of(change.group === 'shared' ? users.get(change)?.[0] : change.group);
  const ofAction = ({ group, verb }: PlannedAction) => {
    if (group !== 'shared') return sets.of(group);
    return verb === 'start' || verb === 'daemon-reload' ? undefined : sets.of(couplers[0]);
  };
  return { sets, ofChange, ofAction };
}

function handOvers(before: Assignments, after: Assignments): readonly (readonly Member[])[] {
  const owners = new Map(
    [...after].flatMap(([index, gpus]) => [...gpus].map((gpu) => [gpu, index] as const)),
  );
  return [...before].flatMap(([index, gpus]) =>
    [...gpus].flatMap((gpu) => {
      const next = owners.get(gpu);
      return next === undefined || next === index ? [] : [[index, next]];
    }),
  );
}

/** Only what the group of these runtimes needs; the rest is as if the config had not asked for it. */
export function onlyRuntimes(
  { plan, groups, last, purge }: Transaction,
  wanted: readonly Member[],
): { readonly plan: Plan; readonly others: readonly Member[] } {
  const isWanted = ({ id, runtimes }: TransactionGroup) =>
    id === 0 || runtimes.some((index) => wanted.includes(index));
  const kept = groups.filter(isWanted);
  const changes = new Set(kept.flatMap((group) => group.changes));
  const actions = new Set([...kept.flatMap((group) => [...group.stops, ...group.runs]), ...last]);
  const links = new Set(
    kept.flatMap((group) => group.changes).map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
  );
  const others = groups.filter((group) => !isWanted(group)).flatMap(({ runtimes }) => runtimes);
  const isLeftOut = (path: string) =>
    others.some((index) => `${path}/`.includes(`/runtime-${index}/`));
  const late = new Set(purge.map(({ path }) => path).filter((path) => !isLeftOut(path)));
  return {
    plan: {
      ...plan,
      changes: plan.changes.filter((change) => changes.has(change) || late.has(change.path)),
      actions: plan.actions.filter((action) => {
        if (action.phase === 'files') return links.has(action.unit ?? '');
        return actions.has(action) || (action.verb === 'daemon-reload' && changes.size > 0);
      }),
    },
    others,
  };
}

/** Files first, then the directories that they are in, deepest first. */
function purgeOf(changes: readonly Change[]): readonly Purge[] {
  const files = changes.filter(({ type }) => type === 'data').map(({ path }) => path);
  const above = new Set(files.flatMap(directoriesAbove));
  const directories = changes.filter(
    ({ type, verb, path }) => type === 'directory' && verb === 'delete' && above.has(path),
  );
  return [
    ...files.map((path) => ({ path, type: 'data' as const })),
    ...directories.map(({ path }) => ({ path, type: 'directory' as const })),
  ];
}

function directoriesAbove(path: string): readonly string[] {
  const end = path.lastIndexOf('/');
  if (end <= 0) return [];
  const above = path.slice(0, end);
  return [above, ...directoriesAbove(above)];
}
