import type { Layer } from '../resolve/layer.ts';
import { ETC_DIR, GRUB_CONFIG, isVendorData } from '../resolve/layout.ts';
import { kindInWords, type Member, memberInWords, memberUnit } from '../resolve/member.ts';
import type { Assignment } from './action.ts';
import { sharedKeys } from './canonical-unit.ts';
import type { Change, Notice } from './change.ts';
import type { KnownManifest } from './changes.ts';
import { effectiveDropIns, sharedDropIns } from './drop-ins.ts';
import type { HostText, Observed } from './observed.ts';
import { runtimeOfDirectory } from './own-directories.ts';

/** What follows from a change that no diff shows. */
export function remarksOn(
  changes: readonly Change[],
  ofRuntimes: ReadonlyMap<Member, string> = new Map(),
): readonly Notice[] {
  const ofGroups = changes.flatMap(({ path, verb, group }) => {
    if (path === GRUB_CONFIG) {
      return { path, text: 'takes effect after `update-grub` and a reboot of the host' };
    }
    const text = group === 'shared' ? undefined : ofRuntimes.get(group);
    if (text === undefined || verb === 'metadata' || !path.endsWith('.vm.json')) return [];
    return { unit: `runtime ${group}`, text };
  });
  return [...ofGroups, ...madeOnce(changes)];
}

/** A guest that has booted keeps what its first boot and its disk were made of. */
function madeOnce(changes: readonly Change[]): readonly Notice[] {
  const old = changes.filter(({ verb }) => verb === 'update');
  const about = (test: (change: Change) => boolean, text: string) =>
    [...new Set(old.filter(test).map(({ group }) => group))].map((group) => ({
      unit: `runtime ${group}`,
      text: `${text}; \`sudo vllmd disk reset ${group}\` starts it afresh`,
    }));
  return [
    ...about(
      ({ path }) => path.includes('/cloud-init/') && !isVendorData(path),
      'a guest reads users, keys, packages and addresses at its first boot only: change them inside as well',
    ),
    ...about(
      ({ path, reason }) =>
        path.startsWith(`${ETC_DIR}/`) && reason.includes('VLLMD_RUNTIME_BASE_IMAGE'),
      'its disk stays the copy of the old base image',
    ),
  ];
}

export function unknownRecord(manifest: KnownManifest, { record }: Layer): readonly Notice[] {
  if (manifest !== 'unknown') return [];
  const text = 'needs root to read: removals, restarts and edits by hand are not in this plan';
  return [{ path: record.manifest, text }];
}

/** Drop-ins that vllmd does not write, and that count all the same. */
export function operatorDropIns(
  members: readonly { readonly index: Member; readonly text: string }[],
  observed: Observed,
): readonly Notice[] {
  const told = new Set<string>();
  return members.flatMap(({ index, text: own }) => {
    const unit = memberUnit(index);
    const applied = effectiveDropIns(observed.dropIns.get(unit) ?? []);
    return applied.flatMap((dropIn): readonly Notice[] => {
      const keys = sharedKeys(own, dropIn.text);
      const also = keys.length === 0 ? '' : `; it sets ${keys.join(', ')}, as 10-vllmd.conf does`;
      if (!isShared(dropIn, index)) {
        return [{ unit, text: `your drop-in ${dropIn.path} applies too${also}` }];
      }
      if (told.has(dropIn.path)) return [];
      told.add(dropIn.path);
      return [
        {
          path: dropIn.path,
          text: `this drop-in applies to every ${kindInWords(index)} too${also}`,
        },
      ];
    });
  });
}

function isShared({ path }: HostText, member: Member): boolean {
  return sharedDropIns(member).some((name) => path.includes(`/${name}/`));
}

/** A runtime under another index is another one, with a disk of its own: no accident if it is meant, a surprise if not. */
export function renumbered(
  before: readonly Assignment[],
  after: readonly Assignment[],
  manifest: KnownManifest,
): readonly Notice[] {
  const isIn = (list: readonly Assignment[], index: Member) =>
    list.some((runtime) => runtime.index === index);
  const key = ({ gpus }: Assignment) => [...gpus].sort().join();
  const gone = before.filter(({ index, gpus }) => gpus.length > 0 && !isIn(after, index));
  return gone.flatMap((old) => {
    const heir = after.find((next) => !isIn(before, next.index) && key(next) === key(old));
    if (heir === undefined) return [];
    const dirs = typeof manifest === 'object' ? manifest.dirs : [];
    const dir = dirs.find((path) => runtimeOfDirectory(path) === old.index);
    const disk = dir === undefined ? '' : `; its disk stays in ${dir}`;
    const text = `takes the GPUs of ${memberInWords(old.index)}, which goes${disk}`;
    return [{ unit: memberInWords(heir.index), text }];
  });
}
