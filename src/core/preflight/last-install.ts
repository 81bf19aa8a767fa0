import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { KnownManifest } from '../plan/changes.ts';
import { installedMembers, installedRuntimes } from '../plan/installed.ts';
import type { Observed } from '../plan/observed.ts';
import type { Desired } from '../resolve/desired.ts';
import type { Layer } from '../resolve/layer.ts';
import { runtimePaths } from '../resolve/layout.ts';
import type { Member } from '../resolve/member.ts';
import { pastedWord } from '../shell-word.ts';

/** A config that lost its runtimes or instances by accident must not stop them all. */
export function membersStay(
  count: number,
  { command, member }: Layer,
  manifest: KnownManifest,
  observed: Observed,
): readonly Diagnostic[] {
  const before = installedMembers(manifest, observed.entries).length;
  if (count > 0 || before === 0) return [];
  return [
    errorAt(
      'runtimes-stay',
      `/${member}s`.replace('/instances', '/instance'),
      `the config has no ${member}s: all ${before} of the host would be stopped and removed`,
      `add --allow-empty if that is meant; \`sudo ${command} uninstall\` removes everything`,
    ),
  ];
}

/** A runtime whose directory moves would come up healthy, and empty: its disk does not move with it. */
export function disksStay(
  desired: Desired,
  manifest: KnownManifest,
  observed: Observed,
): readonly Diagnostic[] {
  const made = typeof manifest === 'object' ? manifest.dirs : [];
  const hasDisk = (path: string) => observed.listings.get(path)?.includes('disk.raw') === true;
  const elsewhere = new Map(
    made.filter(hasDisk).map((path) => [path.slice(path.lastIndexOf('/') + 1), path]),
  );
  return desired.runtimes.flatMap(({ index, source }) => {
    const { dir } = runtimePaths(desired, index);
    const old = elsewhere.get(`runtime-${index}`);
    if (old === undefined || old === dir || hasDisk(dir)) return [];
    return [
      errorAt(
        'disk-left-behind',
        source,
        `runtime ${index}: its disk is in ${old}, and the config now says ${dir}`,
        `stop vllmd-runtime@${index}, then: sudo mkdir -p ${pastedWord(desired.stateDir)}; sudo mv ${pastedWord(old)} ${pastedWord(`${desired.stateDir}/`)}`,
      ),
    ];
  });
}

export function runtimesKept(
  desired: Desired,
  manifest: KnownManifest,
  observed: Observed,
): readonly Diagnostic[] {
  return protectedFromRemoval(desired.runtimes, manifest, observed).map((index) =>
    errorAt(
      'prevent-removal',
      '/runtimes',
      `runtime ${index} is not in the config any more, and was installed with prevent_removal = true`,
      'put it back; to remove it, install once with prevent_removal = false before',
    ),
  );
}

/** Runtimes of the last install that are not wanted any more, and whose config has said that they must not go. */
export function protectedFromRemoval(
  wanted: readonly { readonly index: Member }[],
  manifest: KnownManifest,
  observed: Observed,
): readonly number[] {
  const indices = new Set(wanted.map(({ index }) => index));
  return installedRuntimes(manifest, observed.entries)
    .filter(({ index, isProtected }) => isProtected && !indices.has(index))
    .map(({ index }) => index);
}
