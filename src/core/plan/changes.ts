import { posix } from 'node:path';
import type {
  Artefact,
  DirectoryArtefact,
  FileArtefact,
  LinkArtefact,
} from '../render/artefact.ts';
import type { Change, Conflict, Notice } from './change.ts';
import { sha256 } from './digest.ts';
import type { Manifest } from './manifest.ts';
import { absent, type Entry, type Observed } from './observed.ts';
import { isOwnDirectory } from './own-directories.ts';

export type Comparison = {
  readonly changes: Change[];
  readonly conflicts: Conflict[];
  readonly notices: Notice[];
};

/** 'unknown': there may be one, but only root can read it. */
export type KnownManifest = Manifest | 'none' | 'unknown';

/** Compares what shall be, what was last written and what is, path by path. */
export function compare(
  artefacts: readonly Artefact[],
  observed: Observed,
  manifest: KnownManifest,
): Comparison {
  const result: Comparison = { changes: [], conflicts: [], notices: [] };
  const { files, links } = typeof manifest === 'object' ? manifest : { files: [], links: [] };
  const written = new Map(files.map((file) => [file.path, file.sha256]));
  const linked = new Set(links.map((link) => link.path));
  const made = new Set(typeof manifest === 'object' ? manifest.dirs : []);
  const last = (path: string) => (manifest === 'unknown' ? 'unknown' : written.get(path));
  for (const artefact of artefacts) {
    const { path } = artefact;
    const actual = observed.entries.get(path) ?? absent;
    if (isOutOfReach(artefact, actual, result)) continue;
    if (artefact.type === 'directory')
      compareDirectory(artefact, actual, made.has(path) || isOwnDirectory(path), result);
    else if (artefact.type === 'link') compareLink(artefact, actual, linked.has(path), result);
    else compareFile(artefact, actual, last(path), result);
  }
  return result;
}

function isOutOfReach(artefact: Artefact, actual: Entry, result: Comparison): boolean {
  if (actual.type === 'unsafe') {
    const { link: path } = actual;
    // One link stands in the way of everything behind it; it is told once.
    if (!result.conflicts.some((conflict) => conflict.path === path)) {
      const detail =
        'a symbolic link that its owner can turn elsewhere; put a real directory there, or name another one in the config';
      result.conflicts.push({ kind: 'unsafe', path, detail, actual, sensitive: false });
    }
    return true;
  }
  if (actual.type === 'hidden') {
    result.notices.push({ path: artefact.path, text: 'unknown (needs root)' });
    return true;
  }
  return false;
}

function compareFile(
  artefact: FileArtefact,
  actual: Entry,
  last: string | undefined,
  result: Comparison,
): void {
  const { path, group, sensitive } = artefact;
  const common = { type: 'file', path, group, before: actual, after: artefact, sensitive } as const;
  if (actual.type === 'absent') {
    const reason = last === undefined || last === 'unknown' ? 'new-file' : 'deleted-by-operator';
    result.changes.push({ verb: 'create', reason, ...common });
    return;
  }
  if (actual.type !== 'file') {
    conflict('foreign', `there is a ${describe(actual)}`, artefact, actual, result);
    return;
  }
  if (actual.text === artefact.text) {
    if (!sameMetadata(artefact, actual)) {
      result.changes.push({ verb: 'metadata', reason: 'mode-or-owner-differs', ...common });
    }
    return;
  }
  if (last === 'unknown' || last === sha256(actual.text)) {
    result.changes.push({
      verb: 'update',
      reason: contentReason(artefact, actual.text),
      ...common,
    });
  } else if (last === undefined) {
    conflict('foreign', 'it was not written by vllmd', artefact, actual, result);
  } else {
    conflict('drifted', 'it was edited after vllmd wrote it', artefact, actual, result);
  }
}

function conflict(
  kind: Conflict['kind'],
  detail: string,
  desired: FileArtefact | LinkArtefact,
  actual: Entry,
  result: Comparison,
): void {
  const sensitive = desired.type === 'file' && desired.sensitive;
  result.conflicts.push({ kind, path: desired.path, detail, actual, desired, sensitive });
}

function compareLink(
  artefact: LinkArtefact,
  actual: Entry,
  wasWritten: boolean,
  result: Comparison,
): void {
  if (actual.type === 'link' && leadsTo(artefact.path, actual.target, artefact.target)) return;
  if (actual.type !== 'absent') {
    const detail = actual.type === 'link' ? `it points to ${actual.target}` : describe(actual);
    conflict('foreign', detail, artefact, actual, result);
    return;
  }
  if (wasWritten) {
    const text = `disabled by the operator and left so; \`systemctl enable ${artefact.unit}\` enables it`;
    result.notices.push({ unit: artefact.unit, text });
    return;
  }
  result.changes.push({
    verb: 'create',
    type: 'link',
    path: artefact.path,
    group: artefact.group,
    reason: 'enable-at-boot',
    before: actual,
    after: artefact,
    sensitive: false,
  });
}

/** `systemctl enable` writes the same link with an absolute target. */
export function leadsTo(path: string, actual: string, wanted: string): boolean {
  const directory = posix.dirname(path);
  return posix.resolve(directory, actual) === posix.resolve(directory, wanted);
}

function compareDirectory(
  artefact: DirectoryArtefact,
  actual: Entry,
  own: boolean,
  result: Comparison,
): void {
  const { path, group } = artefact;
  const common = { type: 'directory', path, group, before: actual, after: artefact } as const;
  if (actual.type === 'absent') {
    result.changes.push({ verb: 'create', reason: 'new-directory', sensitive: false, ...common });
  } else if (actual.type === 'directory' && own && !sameMetadata(artefact, actual)) {
    result.changes.push({
      verb: 'metadata',
      reason: 'mode-or-owner-differs',
      sensitive: false,
      ...common,
    });
  } else if (actual.type === 'link' && !actual.trusted) {
    isOutOfReach(artefact, { type: 'unsafe', link: path }, result);
  } else if (actual.type !== 'directory' && actual.type !== 'link') {
    const detail = `there is a ${describe(actual)} where a directory must be`;
    result.conflicts.push({ kind: 'foreign', path, detail, actual, sensitive: false });
  }
}

function sameMetadata(
  artefact: FileArtefact | DirectoryArtefact,
  actual: { readonly mode: number; readonly uid: number; readonly gid: number },
): boolean {
  const { uid, gid } = artefact.owner;
  return actual.mode === artefact.mode && actual.uid === uid && actual.gid === gid;
}

function describe(entry: Entry): string {
  if (entry.type === 'link') return `symbolic link to ${entry.target}`;
  return entry.type === 'other' ? entry.what : entry.type;
}

/** For environment files the keys that change, since these are what an operator looks for. */
function contentReason(artefact: FileArtefact, before: string): string {
  if (artefact.kind !== 'env') return 'content-changed';
  const old = new Set(before.split('\n'));
  const changed = artefact.text
    .split('\n')
    .filter((line) => !old.has(line))
    .map((line) => line.slice(0, line.indexOf('=')))
    .filter((key) => /^[A-Z]/.test(key));
  return changed.length === 0 ? 'content-changed' : `env-changed: ${changed.join(', ')}`;
}
