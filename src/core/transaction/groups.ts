import type { Change } from '../plan/change.ts';
import type { KnownManifest } from '../plan/changes.ts';
import { startsFrom } from '../plan/digest.ts';
import { nameOf } from '../plan/drop-ins.ts';
import type { Plan, PlannedAction } from '../plan/plan.ts';
import { isRecoverUnit, isTargetUnit, type Layer } from '../resolve/layer.ts';
import { GRUB_CONFIG, VFIO_EARLY_UNIT } from '../resolve/layout.ts';
import { byMember, type Member } from '../resolve/member.ts';

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

type Assignments = ReadonlyMap<Member, ReadonlySet<string>>;

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
  const groups = order.map((root, id) => ({
    id,
    runtimes: root === undefined ? [] : sets.membersOf(root),
    changes: changes.filter((change) => ofChange(change) === root),
    stops: actions.filter((action) => action.phase === 'before' && ofAction(action) === root),
    runs: runs.filter((action) => ofAction(action) === root && !isLast(action)),
  }));
  const last = runs.filter(isLast);
  const head = plan.actions.filter((action) => !runs.includes(action));
  return {
    plan: { ...plan, actions: [...head, ...groups.flatMap((group) => group.runs), ...last] },
    groups,
    last,
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
  for (const change of changes.filter(({ group }) => group === 'shared')) {
    const ofPath = usersOf(change, { touched: sets.members, before, after, layer: plan.layer });
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
  const directories = changes.filter(
    ({ type, verb, path }) =>
      type === 'directory' &&
      verb === 'delete' &&
      files.some((file) => file.startsWith(`${path}/`)),
  );
  return [
    ...files.map((path) => ({ path, type: 'data' as const })),
    ...directories.map(({ path }) => ({ path, type: 'directory' as const })),
  ];
}

function assignments(
  runtimes: readonly { readonly index: Member; readonly gpus: readonly string[] }[],
): Assignments {
  return new Map(runtimes.map(({ index, gpus }) => [index, new Set(gpus)]));
}

const deviceLists =
  /\/(vfio-early\.env|70-vllmd-vfio\.rules|modprobe\.d\/[^/]*|modules-load\.d\/[^/]*)$/;
const deviceFile = /\/vfio-([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\.env$/;

type Users = {
  readonly touched: readonly Member[];
  readonly before: Assignments;
  readonly after: Assignments;
  readonly layer: Layer;
};

/** Runtimes whose old form needs the old form of a shared path. What is new there, none of them can need. */
function usersOf(change: Change, { touched, before, after, layer }: Users): readonly Member[] {
  const { path, verb } = change;
  if (verb === 'create' || verb === 'metadata' || change.type === 'directory') return [];
  if (isUnused(path, layer)) return [];
  const address = deviceFile.exec(path)?.[1];
  if (address !== undefined) {
    return touched.filter((index) => [before, after].some((map) => map.get(index)?.has(address)));
  }
  if (deviceLists.test(path) || path.endsWith(`/${VFIO_EARLY_UNIT}`)) {
    return touched.filter((index) => !sameSet(before.get(index), after.get(index)));
  }
  return touched;
}

function isUnused(path: string, { sliceUnit, targetUnit, lateUnits }: Layer): boolean {
  const name = nameOf(path);
  const isLate = lateUnits.some((unit) => name === unit || startsFrom(unit, path));
  if (isLate || path === GRUB_CONFIG) return true;
  return name === sliceUnit || name === targetUnit || isRecoverUnit(name);
}

function isForAll({ path }: Change): boolean {
  return !deviceFile.test(path) && !deviceLists.test(path);
}

function sameSet(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): boolean {
  return a.size === b.size && [...a].every((value) => b.has(value));
}

/** Sets of members, joined step by step; each is named by its smallest member. */
class Components {
  readonly members: readonly Member[];
  readonly #root = new Map<Member, Member>();

  constructor(members: readonly Member[]) {
    this.members = [...new Set(members)].sort(byMember);
    for (const member of this.members) this.#root.set(member, member);
  }

  of(member: Member | undefined): Member | undefined {
    let at = member;
    for (let up = this.#parent(at); up !== at; up = this.#parent(at)) at = up;
    return at;
  }

  /** Members that are not touched are left out. */
  join(members: readonly Member[]): void {
    const roots = members.flatMap((member) => this.of(member) ?? []);
    const [first] = roots.toSorted(byMember);
    if (first === undefined) return;
    for (const root of roots) this.#root.set(root, first);
  }

  membersOf(root: Member): readonly Member[] {
    return this.members.filter((member) => this.of(member) === root);
  }

  /** Every set once: first those that are named, in this order. */
  inOrder(first: readonly Member[]): readonly Member[] {
    return [...new Set([...first, ...this.members.flatMap((member) => this.of(member) ?? [])])];
  }

  #parent(member: Member | undefined): Member | undefined {
    return member === undefined ? undefined : this.#root.get(member);
  }
}
