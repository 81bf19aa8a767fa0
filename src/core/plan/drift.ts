import type { Group } from '../render/artefact.ts';
import { leadsTo } from './changes.ts';
import { describe } from './comparison.ts';
import { sha256 } from './digest.ts';
import type { Manifest, ManifestFile, ManifestLink } from './manifest.ts';
import { maskOf } from './masks.ts';
import { absent, type Entry, isMask, type Observed } from './observed.ts';
import { octal } from './octal.ts';

/** One way in which the host is not as vllmd left it. */
export type Drift = {
  readonly kind:
    | 'edited'
    | 'pinned'
    | 'missing'
    | 'replaced'
    | 'mode'
    | 'owner'
    | 'disabled'
    | 'redirected'
    | 'masked';
  readonly path: string;
  readonly group: Group;
  readonly detail: string;
};

/** Everything that somebody else has changed of what the record names, and the masks of its runtimes. */
export function drifted(manifest: Manifest, observed: Observed): readonly Drift[] {
  const entryAt = (path: string) => observed.entries.get(path) ?? absent;
  const groups = new Set(manifest.files.map(({ group }) => group));
  return [
    ...manifest.files.flatMap((file) => fileDrift(file, entryAt(file.path))),
    ...manifest.links.flatMap((link) => linkDrift(link, entryAt(link.path))),
    ...manifest.dirs
      .filter((path) => manifest.files.some((file) => file.path.startsWith(`${path}/`)))
      .flatMap((path) => directoryDrift(path, entryAt(path))),
    ...[...groups].flatMap((group) => maskDrift(group, observed)),
  ];
}

function fileDrift(file: ManifestFile, actual: Entry): readonly Drift[] {
  const drift = (kind: Drift['kind'], detail: string): Drift => {
    return { kind, path: file.path, group: file.group, detail };
  };
  if (actual.type === 'hidden') return [];
  if (actual.type === 'absent') return [drift('missing', 'it was removed')];
  if (isMask(actual)) return [drift('masked', 'it was replaced by a link to /dev/null')];
  if (actual.type !== 'file') return [drift('replaced', `there is a ${describe(actual)}`)];
  const sha = sha256(actual.text);
  if (sha === file.pinned) return [drift('pinned', 'it was edited, and is kept so')];
  if (sha !== file.sha256) return [drift('edited', 'it was edited after vllmd wrote it')];
  const { uid, gid } = actual;
  const mode = octal(actual.mode);
  return [
    ...(mode === file.mode ? [] : [drift('mode', `its mode is ${mode}, not ${file.mode}`)]),
    ...(uid === file.uid && gid === file.gid
      ? []
      : [drift('owner', `it belongs to ${uid}:${gid}, not to ${file.uid}:${file.gid}`)]),
  ];
}

function linkDrift({ path, target, unit, group }: ManifestLink, actual: Entry): readonly Drift[] {
  if (actual.type === 'hidden') return [];
  if (actual.type === 'absent') {
    return [{ kind: 'disabled', path, group, detail: `${unit} was disabled` }];
  }
  if (actual.type === 'link' && leadsTo(path, actual.target, target)) return [];
  const detail = actual.type === 'link' ? `it points to ${actual.target}` : describe(actual);
  return [{ kind: 'redirected', path, group, detail }];
}

function directoryDrift(path: string, actual: Entry): readonly Drift[] {
  if (actual.type === 'directory' || actual.type === 'hidden' || actual.type === 'link') return [];
  const [kind, detail] =
    actual.type === 'absent'
      ? (['missing', 'the directory was removed'] as const)
      : (['replaced', `there is a ${describe(actual)} in place of the directory`] as const);
  return [{ kind, path, group: 'shared', detail }];
}

function maskDrift(group: Group, observed: Observed): readonly Drift[] {
  const mask = group === 'shared' ? undefined : maskOf(group, observed);
  if (mask === undefined) return [];
  const path = mask.where || mask.unit;
  return [{ kind: 'masked', path, group, detail: `${mask.unit} is masked` }];
}
