import { listsBy } from '../lists-by.ts';
import type { Change } from '../plan/change.ts';
import { startsFrom } from '../plan/digest.ts';
import { nameOf } from '../plan/drop-ins.ts';
import { isRecoverUnit, type Layer } from '../resolve/layer.ts';
import { GRUB_CONFIG, VFIO_EARLY_UNIT } from '../resolve/layout.ts';
import type { Member } from '../resolve/member.ts';

/** The GPUs of each. */
export type Assignments = ReadonlyMap<Member, ReadonlySet<string>>;

export function assignments(
  runtimes: readonly { readonly index: Member; readonly gpus: readonly string[] }[],
): Assignments {
  return new Map(runtimes.map(({ index, gpus }) => [index, new Set(gpus)]));
}

const deviceLists =
  /\/(vfio-early\.env|70-vllmd-vfio\.rules|modprobe\.d\/[^/]*|modules-load\.d\/[^/]*)$/;
const deviceFile = /\/vfio-([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\.env$/;

type Users = {
  readonly touched: readonly Member[];
  /** By GPU, who has it or had it. */
  readonly owners: ReadonlyMap<string, readonly Member[]>;
  readonly before: Assignments;
  readonly after: Assignments;
  readonly layer: Layer;
};

/** Runtimes whose old form needs the old form of a shared path. What is new there, none of them can need. */
export function usersOf(
  change: Change,
  { touched, owners, before, after, layer }: Users,
): readonly Member[] {
  const { path, verb } = change;
  if (verb === 'create' || verb === 'metadata' || change.type === 'directory') return [];
  if (isUnused(path, layer)) return [];
  const address = deviceFile.exec(path)?.[1];
  if (address !== undefined) return owners.get(address) ?? [];
  if (deviceLists.test(path) || path.endsWith(`/${VFIO_EARLY_UNIT}`)) {
    return touched.filter((index) => !sameSet(before.get(index), after.get(index)));
  }
  return touched;
}

/** Those of `touched` that have each GPU, or had it. */
export function ownersOf(
  touched: readonly Member[],
  before: Assignments,
  after: Assignments,
): ReadonlyMap<string, readonly Member[]> {
  const owned = touched.flatMap((member) =>
    [...new Set([before, after].flatMap((map) => [...(map.get(member) ?? [])]))].map((gpu) => ({
      gpu,
      member,
    })),
  );
  const lists = listsBy(owned, ({ gpu }) => gpu);
  return new Map([...lists].map(([gpu, of]) => [gpu, of.map(({ member }) => member)]));
}

function isUnused(path: string, { sliceUnit, targetUnit, lateUnits }: Layer): boolean {
  const name = nameOf(path);
  const isLate = lateUnits.some((unit) => name === unit || startsFrom(unit, path));
  if (isLate || path === GRUB_CONFIG) return true;
  return name === sliceUnit || name === targetUnit || isRecoverUnit(name);
}

/** Whether it is in use by all runtimes, and not only by those whose devices are in it. */
export function isForAll({ path }: Change): boolean {
  return !deviceFile.test(path) && !deviceLists.test(path);
}

function sameSet(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): boolean {
  return a.size === b.size && [...a].every((value) => b.has(value));
}
