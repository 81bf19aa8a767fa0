import { gpusOfDropIn } from '../kinds/runtime-vm/drop-in.ts';
import { byMember, memberDropIn } from '../resolve/member.ts';
import type { Assignment } from './action.ts';
import type { KnownManifest } from './changes.ts';
import type { Observed } from './observed.ts';

/** A member of the last install. */
export type InstalledMember = Assignment & {
  /** Its config has said that it must not go. */
  readonly isProtected: boolean;
};

export type InstalledRuntime = InstalledMember & { readonly index: number };

/** Those among them that are runtimes: all of them in the record of a host. */
export function installedRuntimes(
  manifest: KnownManifest,
  entries: Observed['entries'],
): readonly InstalledRuntime[] {
  return installedMembers(manifest, entries).flatMap(({ index, ...rest }) =>
    typeof index === 'number' ? [{ index, ...rest }] : [],
  );
}

/**
 * The members of the last install, sorted, as the record has them: a VM goes on while its drop-in on the disk is gone or
 * edited. Records of 0.1.0 name no runtimes; there the drop-ins are all that is known.
 */
export function installedMembers(
  manifest: KnownManifest,
  entries: Observed['entries'],
): readonly InstalledMember[] {
  if (typeof manifest === 'string') return [];
  const recorded = new Map(manifest.runtimes?.map((runtime) => [runtime.index, runtime]));
  const groups = manifest.files.flatMap(({ kind, group }) =>
    kind === 'dropin' && group !== 'shared' ? group : [],
  );
  return [...new Set([...groups, ...recorded.keys()])].sort(byMember).map((index) => {
    const entry = entries.get(memberDropIn(index));
    const text = entry?.type === 'file' ? entry.text : '';
    const known = recorded.get(index);
    return {
      index,
      gpus: known?.gpus ?? gpusOfDropIn(text),
      isProtected: known?.preventRemoval ?? /^X-VllmdPreventRemoval=yes$/m.test(text),
    };
  });
}
