import type { DirectoryArtefact, FileArtefact } from '../render/artefact.ts';
import {
  type CompareContext,
  type Comparison,
  canGiveWay,
  describe,
  foreign,
  isKept,
  keep,
  lastText,
} from './comparison.ts';
import { sha256 } from './digest.ts';
import type { ManifestFile } from './manifest.ts';
import { type Entry, isMask } from './observed.ts';
import { octal } from './octal.ts';

type Last = ManifestFile | 'unknown' | undefined;

/** Three states of one path: what shall be, what was last written, what is. Bytes first, then mode and owner. */
export function compareFile(
  artefact: FileArtefact,
  actual: Entry,
  context: CompareContext,
  result: Comparison,
): void {
  const last = context.lastFile(artefact.path);
  if (actual.type === 'absent') create(artefact, last, result);
  else if (isMask(actual)) masked(artefact, actual, context, result);
  else if (actual.type === 'file' && actual.text === artefact.text) {
    compareMetadata(artefact, actual, last, result);
  } else if (actual.type === 'file' && isAsWritten(actual.text, last)) {
    push('update', contentReason(artefact, actual.text), artefact, actual, result);
  } else if (typeof last === 'object') edited(artefact, actual, last, context, result);
  else {
    const isFile = actual.type === 'file';
    const detail = isFile ? 'it was not written by vllmd' : `there is a ${describe(actual)}`;
    foreign(artefact, actual, detail, context, result);
  }
}

/** As far as that can be known without the record. */
function isAsWritten(text: string, last: Last): boolean {
  return last === 'unknown' || last?.sha256 === sha256(text);
}

function push(
  verb: 'create' | 'update' | 'metadata',
  reason: string,
  artefact: FileArtefact,
  before: Entry,
  result: Comparison,
  more: { readonly keepsBackup?: true } = {},
): void {
  const { path, group, sensitive } = artefact;
  const common = { type: 'file', path, group, before, after: artefact, sensitive } as const;
  result.changes.push({ verb, reason, ...common, ...more });
}

function create(artefact: FileArtefact, last: Last, result: Comparison): void {
  const isGone = typeof last === 'object';
  const reason = isGone ? 'deleted-by-operator' : 'new-file';
  push('create', reason, artefact, { type: 'absent' }, result);
  if (!isGone) return;
  const text = 'was removed after vllmd wrote it, and is written again';
  result.notices.push({ path: artefact.path, text });
}

function compareMetadata(
  artefact: FileArtefact,
  actual: Extract<Entry, { type: 'file' }>,
  last: Last,
  result: Comparison,
): void {
  if (sameMetadata(artefact, actual)) return;
  push('metadata', 'mode-or-owner-differs', artefact, actual, result);
  if (typeof last !== 'object') return;
  const { mode, uid, gid } = actual;
  if (last.mode === octal(mode) && last.uid === uid && last.gid === gid) return;
  const text = 'its mode or owner was changed after vllmd wrote it, and is put back';
  result.notices.push({ path: artefact.path, text });
}

function edited(
  artefact: FileArtefact,
  actual: Entry,
  last: ManifestFile,
  context: CompareContext,
  result: Comparison,
): void {
  const { path, sensitive } = artefact;
  if (isKept(last, actual, context.choices)) {
    keep(path, actual, context, result);
  } else if (context.choices.overwriteDrift.includes(path) && canGiveWay(actual)) {
    push('update', 'drift-overwritten', artefact, actual, result, { keepsBackup: true });
  } else {
    const detail =
      actual.type === 'file'
        ? 'it was edited after vllmd wrote it'
        : `there is a ${describe(actual)} in place of what vllmd wrote`;
    const texts = lastText(last, context);
    const desired = artefact;
    result.conflicts.push({ kind: 'drifted', path, detail, actual, desired, sensitive, ...texts });
  }
}

/** systemd, udev and modprobe all take a link to /dev/null as `not this one`. */
function masked(
  artefact: FileArtefact,
  actual: Entry,
  context: CompareContext,
  result: Comparison,
): void {
  const { path, sensitive } = artefact;
  if (context.choices.unmask) {
    push('update', 'unmasked', artefact, actual, result);
    return;
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  const detail = `it is masked, and the config needs it; \`sudo systemctl unmask ${name}\` or --unmask lifts that`;
  result.conflicts.push({ kind: 'masked', path, detail, actual, desired: artefact, sensitive });
}

export function sameMetadata(
  artefact: FileArtefact | DirectoryArtefact,
  actual: { readonly mode: number; readonly uid: number; readonly gid: number },
): boolean {
  const { uid, gid } = artefact.owner;
  return actual.mode === artefact.mode && actual.uid === uid && actual.gid === gid;
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
