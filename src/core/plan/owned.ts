import type { Artefact, FileArtefact, LinkArtefact } from '../render/artefact.ts';
import type { Comparison } from './comparison.ts';
import { sha256 } from './digest.ts';
import type { Manifest, ManifestFile, ManifestLink } from './manifest.ts';
import type { Observed } from './observed.ts';
import { octal } from './octal.ts';
import { isOwnDirectory } from './own-directories.ts';

/** The record of files, links and directories as it is once all changes are made. */
export function ownedAfterwards(
  artefacts: readonly Artefact[],
  manifest: Manifest | undefined,
  observed: Observed,
  result: Comparison,
): Pick<Manifest, 'files' | 'links' | 'dirs'> {
  const made = result.changes
    .filter((change) => change.type === 'directory' && change.verb === 'create')
    .map((change) => change.path);
  // A runtime's directory may be there from before, with its disk; it goes with the runtime's data.
  const runtimeDirs = artefacts.map((artefact) => artefact.path).filter(isOwnDirectory);
  const files = new Map((manifest?.files ?? []).map((file) => [file.path, file]));
  const links = new Map((manifest?.links ?? []).map((link) => [link.path, link]));
  const wanted = new Set(artefacts.map(({ path }) => path));
  const isThere = (path: string) => observed.entries.get(path)?.type !== 'absent';
  const dirs = (manifest?.dirs ?? []).filter((path) => wanted.has(path) || isThere(path));
  const keptStale = [...files.values()].filter(
    ({ path }) => !wanted.has(path) && result.pinned.has(path),
  );
  return {
    files: [
      ...artefacts
        .filter((artefact) => artefact.type === 'file')
        .map((file) => fileEntry(file, files.get(file.path), result)),
      ...keptStale.map((file) => pinned(file, result)),
    ].toSorted(byPath),
    links: artefacts
      .filter((artefact) => artefact.type === 'link')
      .map((link) => linkEntry(link, links.get(link.path), result))
      .toSorted(byPath),
    dirs: [...new Set([...dirs, ...made, ...runtimeDirs])].sort(),
  };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

function fileEntry(
  file: FileArtefact,
  last: ManifestFile | undefined,
  result: Comparison,
): ManifestFile {
  // What vllmd wrote last stays on record while an edit of it is kept.
  if (last !== undefined && result.pinned.has(file.path)) return pinned(last, result);
  return {
    path: file.path,
    mode: octal(file.mode),
    uid: file.owner.uid,
    gid: file.owner.gid,
    sha256: sha256(file.text),
    kind: file.kind,
    group: file.group,
    secret: file.sensitive,
    ...backupOf(file.path, last, result),
  };
}

function pinned(last: ManifestFile, result: Comparison): ManifestFile {
  const sha = result.pinned.get(last.path);
  return sha === undefined ? last : { ...last, pinned: sha };
}

function linkEntry(
  { path, target, unit, group }: LinkArtefact,
  last: ManifestLink | undefined,
  result: Comparison,
): ManifestLink {
  return { path, target, unit, group, ...backupOf(path, last, result) };
}

function backupOf(
  path: string,
  last: { readonly backup?: string } | undefined,
  result: Comparison,
): { readonly backup?: string } {
  const backup = result.backups.get(path) ?? last?.backup;
  return backup === undefined ? {} : { backup };
}
