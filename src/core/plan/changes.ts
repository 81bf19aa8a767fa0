import { posix } from 'node:path';
import type { Artefact, DirectoryArtefact, LinkArtefact } from '../render/artefact.ts';
import { pastedWord } from '../shell-word.ts';
import { compareFile, sameMetadata } from './compare-file.ts';
import {
  type CompareContext,
  type Comparison,
  canGiveWay,
  describe,
  foreign,
} from './comparison.ts';
import type { Manifest } from './manifest.ts';
import { absent, type Entry } from './observed.ts';
import { octal } from './octal.ts';
import { isOwnDirectory } from './own-directories.ts';

/** 'unknown': there may be one, but only root can read it. */
export type KnownManifest = Manifest | 'none' | 'unknown';

/** Compares what shall be, what was last written and what is, path by path. */
export function compare(artefacts: readonly Artefact[], context: CompareContext): Comparison {
  const result: Comparison = {
    changes: [],
    conflicts: [],
    notices: [],
    pinned: new Map(),
    backups: new Map(),
  };
  for (const artefact of artefacts) {
    const actual = context.observed.entries.get(artefact.path) ?? absent;
    if (isOutOfReach(artefact, actual, result)) continue;
    if (artefact.type === 'directory') compareDirectory(artefact, actual, context, result);
    else if (artefact.type === 'link') compareLink(artefact, actual, context, result);
    else compareFile(artefact, actual, context, result);
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

function compareLink(
  artefact: LinkArtefact,
  actual: Entry,
  context: CompareContext,
  result: Comparison,
): void {
  const { path } = artefact;
  if (actual.type === 'link' && leadsTo(path, actual.target, artefact.target)) return;
  const isKnown = context.lastLink(path) !== undefined;
  const detail = actual.type === 'link' ? `it points to ${actual.target}` : describe(actual);
  if (actual.type === 'absent') {
    missingLink(artefact, isKnown, context.choices.reenable, result);
  } else if (!isKnown) {
    foreign(artefact, actual, detail, context, result);
  } else if (context.choices.overwriteDrift.includes(path) && canGiveWay(actual)) {
    make(artefact, 'drift-overwritten', result, actual);
  } else {
    const desired = artefact;
    result.conflicts.push({ kind: 'drifted', path, detail, actual, desired, sensitive: false });
  }
}

function missingLink(
  artefact: LinkArtefact,
  isKnown: boolean,
  reenable: boolean,
  result: Comparison,
): void {
  const { unit } = artefact;
  if (!isKnown) make(artefact, 'enable-at-boot', result);
  else if (reenable) make(artefact, 'reenabled', result);
  else {
    const text = `disabled by the operator and left so; \`sudo systemctl enable ${unit}\` or --reenable enables it`;
    result.notices.push({ unit, text });
  }
}

function make(
  artefact: LinkArtefact,
  reason: string,
  result: Comparison,
  replaced: Entry = absent,
): void {
  const { path, group } = artefact;
  const common = { type: 'link', path, group, reason, after: artefact, sensitive: false } as const;
  const isNew = replaced.type === 'absent';
  result.changes.push({
    verb: isNew ? 'create' : 'update',
    before: replaced,
    ...common,
    ...(isNew ? {} : { keepsBackup: true }),
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
  context: CompareContext,
  result: Comparison,
): void {
  const { path, group } = artefact;
  const own = context.made.has(path) || isOwnDirectory(path);
  const common = { type: 'directory', path, group, before: actual, after: artefact } as const;
  if (actual.type === 'absent') {
    result.changes.push({ verb: 'create', reason: 'new-directory', sensitive: false, ...common });
  } else if (actual.type === 'directory' && own && context.observed.doubtful.has(path)) {
    const detail = doubt(artefact, actual);
    result.conflicts.push({ kind: 'foreign', path, detail, actual, sensitive: false });
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

/** What root would give away here may be anybody's: who can write the directory above has a say in what lies there. */
function doubt(
  { path, mode, owner }: DirectoryArtefact,
  actual: Extract<Entry, { type: 'directory' }>,
): string {
  const is = `it belongs to uid ${actual.uid}, gid ${actual.gid}, mode ${octal(actual.mode)}`;
  const wanted = `${owner.user}:${owner.group}`;
  const word = pastedWord(path);
  const help = `sudo chown ${wanted} ${word} && sudo chmod ${octal(mode)} ${word}`;
  return `${is}, and others than root can have moved it there; look at what is in it, then move it away or: ${help}`;
}
