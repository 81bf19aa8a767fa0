import type { Artefact } from '../render/artefact.ts';
import { pastedWord } from '../shell-word.ts';
import type { Change, Conflict, Notice } from './change.ts';
import type { Choices } from './choices.ts';
import { sha256 } from './digest.ts';
import type { ManifestFile, ManifestLink } from './manifest.ts';
import type { Entry, Observed } from './observed.ts';

export type Comparison = {
  readonly changes: Change[];
  readonly conflicts: Conflict[];
  readonly notices: Notice[];
  /** sha256 of the edits that stay, by path. */
  readonly pinned: Map<string, string>;
  /** Where what an adopted path held is kept, by path. */
  readonly backups: Map<string, string>;
};

/** What paths are compared with, and how what does not match is decided. */
export type CompareContext = {
  /** What the commands of the layer begin with. */
  readonly command: string;
  readonly observed: Observed;
  /** 'unknown' when the record cannot be read. */
  readonly lastFile: (path: string) => ManifestFile | 'unknown' | undefined;
  readonly lastLink: (path: string) => ManifestLink | undefined;
  readonly made: ReadonlySet<string>;
  readonly choices: Choices;
  /** Where files that are adopted by this install are kept. */
  readonly backupDir: string;
  /** A text that vllmd once wrote, by its sha256. */
  readonly lastTexts: (sha256: string) => string | undefined;
};

export function describe(entry: Entry): string {
  if (entry.type === 'link') return `symbolic link to ${entry.target}`;
  return entry.type === 'other' ? entry.what : entry.type;
}

/** Something that can be copied into the backups before it goes. */
export function canGiveWay(actual: Entry): boolean {
  return actual.type === 'file' || actual.type === 'link';
}

/** The bytes that vllmd wrote last, when it still has them. */
export function lastText(
  last: ManifestFile | 'unknown' | undefined,
  context: CompareContext,
): { readonly last?: string } {
  const text = typeof last === 'object' ? context.lastTexts(last.sha256) : undefined;
  return text === undefined ? {} : { last: text };
}

/** Whether an edit stays: the operator says so now, or said so of these very bytes before. */
export function isKept(last: ManifestFile, actual: Entry, choices: Choices): boolean {
  if (actual.type !== 'file' || choices.overwriteDrift.includes(last.path)) return false;
  return choices.keepDrift.includes(last.path) || last.pinned === sha256(actual.text);
}

export function keep(
  path: string,
  actual: Entry,
  { command }: CompareContext,
  result: Comparison,
): void {
  if (actual.type !== 'file') return;
  result.pinned.set(path, sha256(actual.text));
  const text = `kept as you have it; \`sudo ${command} install --overwrite-drift ${pastedWord(path)}\` undoes that`;
  result.notices.push({ path, text });
}

/** What lies where a file or link belongs and was never vllmd's. */
export function foreign(
  desired: Exclude<Artefact, { type: 'directory' }>,
  actual: Entry,
  detail: string,
  context: CompareContext,
  result: Comparison,
): void {
  const { path, group, type } = desired;
  const sensitive = desired.type === 'file' && desired.sensitive;
  if (!context.choices.adopt.includes(path) || !canGiveWay(actual)) {
    result.conflicts.push({ kind: 'foreign', path, detail, actual, desired, sensitive });
    return;
  }
  result.backups.set(path, `${context.backupDir}${path}`);
  result.changes.push({
    verb: 'update',
    type,
    path,
    group,
    reason: 'adopted',
    before: actual,
    after: desired,
    sensitive,
    keepsBackup: true,
  });
}
