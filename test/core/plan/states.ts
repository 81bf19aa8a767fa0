import { sha256 } from '../../../src/core/plan/digest.ts';
import type { Manifest, ManifestFile } from '../../../src/core/plan/manifest.ts';
import type { Entry, Observed } from '../../../src/core/plan/observed.ts';
import { octal } from '../../../src/core/plan/octal.ts';
import { type Artefact, type FileArtefact, ROOT } from '../../../src/core/render/artefact.ts';

export const PATH = '/etc/vllmd/runtime-1.env';

export function artefact(text: string, more: Partial<FileArtefact> = {}): FileArtefact {
  return {
    type: 'file',
    path: PATH,
    kind: 'env',
    group: 1,
    source: '',
    text,
    mode: 0o644,
    owner: ROOT,
    sensitive: false,
    ...more,
  };
}

export function fileAt(text: string, more: Partial<Extract<Entry, { type: 'file' }>> = {}): Entry {
  return { type: 'file', text, mode: 0o644, uid: 0, gid: 0, ...more };
}

export function linkTo(target: string): Entry {
  return { type: 'link', target, trusted: true };
}

export function observed(
  entries: Iterable<readonly [string, Entry]>,
  more: Partial<Observed> = {},
): Observed {
  return {
    entries: new Map(entries),
    units: new Map(),
    listings: new Map(),
    dropIns: new Map(),
    booted: new Map(),
    shadowed: new Map(),
    doubtful: new Set(),
    ...more,
  };
}

/** The record of an install that wrote these artefacts. */
export function manifestOf(artefacts: readonly Artefact[], more: Partial<Manifest> = {}): Manifest {
  return {
    schema: 1,
    lineage: 'x',
    generation: 4,
    vllmd: '1',
    config: { path: '/c', sha256: '' },
    files: artefacts.flatMap((file) => (file.type === 'file' ? [recordOf(file)] : [])),
    links: artefacts.flatMap((link) =>
      link.type === 'link'
        ? [{ path: link.path, target: link.target, unit: link.unit, group: link.group }]
        : [],
    ),
    units: [],
    dirs: [],
    ...more,
  };
}

export function recordOf(file: FileArtefact, more: Partial<ManifestFile> = {}): ManifestFile {
  const { path, mode, owner, text, kind, group, sensitive: secret } = file;
  const { uid, gid } = owner;
  return { path, mode: octal(mode), uid, gid, sha256: sha256(text), kind, group, secret, ...more };
}

/** Where artefacts lie on a host that is as it was installed. */
export function entriesOf(artefacts: readonly Artefact[]): Map<string, Entry> {
  return new Map(
    artefacts.map((item): [string, Entry] => {
      if (item.type === 'link') return [item.path, linkTo(item.target)];
      const { uid, gid } = item.owner;
      const metadata = { mode: item.mode, uid, gid };
      return item.type === 'file'
        ? [item.path, { type: 'file', text: item.text, ...metadata }]
        : [item.path, { type: 'directory', ...metadata }];
    }),
  );
}
