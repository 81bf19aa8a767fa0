import type { DevicePin } from '../facts/device-pin.ts';
import type { Change } from '../plan/change.ts';
import {
  MANIFEST_SCHEMA,
  type Manifest,
  type ManifestFile,
  type ManifestLink,
  type ManifestUnit,
} from '../plan/manifest.ts';
import type { Plan } from '../plan/plan.ts';
import { byMember, type Member } from '../resolve/member.ts';
import { type Journal, undoneGroups } from './journal.ts';

export type ManifestContext = {
  /** systemd starts the units after this, from what lies there then. */
  readonly isBoot: boolean;
  readonly lineage: string;
  readonly config: Manifest['config'];
  readonly version: string;
};

/** The record of this host once every change and every start of a plan has succeeded. */
export function completeManifest(
  plan: Plan,
  before: Manifest | null,
  context: ManifestContext,
): Manifest {
  const changes = plan.changes.filter(({ type }) => type !== 'data');
  const generation = (before?.generation ?? 0) + (changes.length === 0 ? 0 : 1);
  const isNew = changes.length > 0 || before === null;
  const gone = pathsOf(plan.changes.filter(({ verb }) => verb === 'delete'));
  return {
    schema: MANIFEST_SCHEMA,
    lineage: before?.lineage ?? context.lineage,
    generation,
    vllmd: isNew ? context.version : before.vllmd,
    config: isNew ? context.config : before.config,
    files: plan.owned.files.toSorted(byPath),
    links: plan.owned.links.toSorted(byPath),
    units: completeUnits(plan, before, generation, context.isBoot),
    dirs: plan.owned.dirs.filter((path) => !gone.has(path)),
    devices: plan.owned.devices ?? [],
    runtimes: plan.owned.runtimes ?? [],
  };
}

const starts: ReadonlySet<string> = new Set(['start', 'restart', 'reload']);

/** A unit keeps the digest that it was last started with until it has been started with a new one. */
function completeUnits(
  plan: Plan,
  before: Manifest | null,
  generation: number,
  isBoot: boolean,
): readonly ManifestUnit[] {
  const old = new Map((before?.units ?? []).map((unit) => [unit.name, unit]));
  const started = new Set(
    plan.actions.filter(({ verb }) => starts.has(verb)).map(({ unit }) => unit),
  );
  const stopped = new Set(
    plan.actions.filter(({ verb }) => verb === 'stop').map(({ unit }) => unit),
  );
  const changed = new Set(plan.changes.map(({ group }) => group));
  return plan.digests
    .flatMap(({ unit, group, digest }) => {
      const last = old.get(unit);
      const since = changed.has(group) ? generation : (last?.generation ?? generation);
      if (started.has(unit) || (isBoot && last !== undefined)) {
        return { ...last, name: unit, group, startDigest: digest, generation: since };
      }
      // Without an entry the next install starts it.
      return last === undefined || stopped.has(unit) ? [] : { ...last, generation: since };
    })
    .toSorted(byName);
}

type NotDone = {
  readonly paths: ReadonlySet<string>;
  readonly runtimes: ReadonlySet<Member>;
  /** Units that were to start from a state that is gone: the next install tries again. */
  readonly tried: ReadonlySet<string>;
  /** Directories that are still there since they are not empty. */
  readonly kept: readonly string[];
};

/** The record where a part of the plan has not been done, or has been taken back. */
function partialManifest(
  before: Manifest | null,
  complete: Manifest,
  { paths, runtimes, tried, kept }: NotDone,
): Manifest {
  const entries = <Owned extends ManifestFile | ManifestLink>(
    old: readonly Owned[],
    next: readonly Owned[],
  ): readonly Owned[] =>
    [
      ...next.filter(({ path }) => !paths.has(path)),
      ...old.filter(({ path }) => paths.has(path)),
    ].toSorted(byPath);
  const oldDirs = before?.dirs ?? [];
  const dirs = [
    ...complete.dirs.filter((path) => !paths.has(path) || oldDirs.includes(path)),
    ...oldDirs.filter((path) => paths.has(path)),
    ...kept,
  ];
  const isUndone = ({ group }: ManifestUnit) => group !== 'shared' && runtimes.has(group);
  return {
    ...complete,
    files: entries(before?.files ?? [], complete.files),
    links: entries(before?.links ?? [], complete.links),
    dirs: [...new Set(dirs)].sort(),
    units: [
      ...complete.units.filter((unit) => !isUndone(unit)),
      ...(before?.units ?? []).filter(isUndone),
    ]
      .filter(({ name }) => !tried.has(name))
      .toSorted(byName),
    runtimes: [
      ...(complete.runtimes ?? []).filter(({ index }) => !runtimes.has(index)),
      ...(before?.runtimes ?? []).filter(({ index }) => runtimes.has(index)),
    ].toSorted((a, b) => byMember(a.index, b.index)),
    devices: knownDevices(before, complete),
  };
}

/** What is known of a device that was to be given up stays known until it has been. */
function knownDevices(before: Manifest | null, complete: Manifest): readonly DevicePin[] {
  const current = complete.devices ?? [];
  const wanted = new Set(current.map(({ address }) => address));
  return [...current, ...(before?.devices ?? []).filter(({ address }) => !wanted.has(address))];
}

/** The record as a transaction came out. */
export function settledManifest(journal: Journal, kept: readonly string[]): Manifest {
  const { before, after } = journal;
  const undone = undoneGroups(journal);
  if (undone.size === 0 && kept.length === 0) return after;
  const isUndone = ({ group }: { readonly group: number }) => undone.has(group);
  const notDone = {
    paths: pathsOf(journal.changes.filter(isUndone)),
    runtimes: new Set(
      journal.groups.filter(({ id }) => undone.has(id)).flatMap(({ runtimes }) => runtimes),
    ),
    tried: new Set(
      journal.units
        .filter((unit) => isUndone(unit) && !unit.wasActive && unit.verbs.includes('start'))
        .map(({ unit }) => unit),
    ),
    kept,
  };
  const settled = partialManifest(before, after, notDone);
  const isChanged = journal.changes.some((change) => !isUndone(change));
  if (isChanged) return settled;
  if (before === null) return { ...settled, generation: 0 };
  return {
    ...before,
    dirs: [...new Set([...before.dirs, ...kept])].sort(),
    units: before.units.filter(({ name }) => !notDone.tried.has(name)),
  };
}

/** The record when only some groups of a plan are to be changed. */
export function restrictedManifest(
  before: Manifest | null,
  complete: Manifest,
  all: readonly Change[],
  chosen: readonly Change[],
  others: readonly Member[],
): Manifest {
  const done = new Set(chosen);
  const restricted = partialManifest(before, complete, {
    paths: pathsOf(all.filter((change) => !done.has(change))),
    runtimes: new Set(others),
    tried: new Set(),
    kept: [],
  });
  if (before === null || chosen.length > 0) return restricted;
  const { generation, vllmd, config } = before;
  return { ...restricted, generation, vllmd, config };
}

export function isEmptyManifest({ files, links, dirs }: Manifest): boolean {
  return files.length + links.length + dirs.length === 0;
}

function pathsOf(changes: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set(changes.map(({ path }) => path));
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

function byName(a: ManifestUnit, b: ManifestUnit): number {
  return a.name < b.name ? -1 : 1;
}
