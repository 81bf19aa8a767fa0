import { absent, type Entry } from '../plan/observed.ts';
import type { Artefact } from '../render/artefact.ts';

/** What can be put back at a path. */
export type SavedEntry =
  | Extract<Entry, { readonly type: 'absent' | 'file' | 'directory' }>
  | Omit<Extract<Entry, { readonly type: 'link' }>, 'trusted'>;

/** A change as the journal keeps it: enough to make it again or to take it back. */
export type SavedChange = {
  /** The transaction group. */
  readonly group: number;
  readonly path: string;
  readonly before: SavedEntry;
  readonly after: SavedEntry;
  /** Where the operator's bytes are kept that lay there before. */
  readonly backup?: string;
  /** A backup that takes the place of what is removed. */
  readonly restores?: string;
};

export function savedEntry(entry: Entry): SavedEntry {
  if (entry.type === 'link') return { type: 'link', target: entry.target };
  // Bits that lend rights of the owner do not come back.
  if (entry.type === 'file') return { ...entry, mode: entry.mode & 0o777 };
  if (entry.type === 'directory') return { ...entry, mode: entry.mode & 0o3777 };
  return { type: 'absent' };
}

export function savedAfter(after: Artefact | undefined): SavedEntry {
  if (after === undefined) return { type: 'absent' };
  if (after.type === 'link') return { type: 'link', target: after.target };
  const { uid, gid } = after.owner;
  const metadata = { mode: after.mode, uid, gid };
  if (after.type === 'directory') return { type: 'directory', ...metadata };
  return { type: 'file', text: after.text, ...metadata };
}

/** Whether this is what lies there. */
export function isAt(entry: Entry, saved: SavedEntry): boolean {
  if (entry.type === 'file' && saved.type === 'file') {
    return entry.text === saved.text && sameMetadata(entry, saved);
  }
  if (entry.type === 'directory' && saved.type === 'directory') return sameMetadata(entry, saved);
  if (entry.type === 'link' && saved.type === 'link') return entry.target === saved.target;
  return entry.type === absent.type && saved.type === absent.type;
}

/** Whether somebody's bytes would be lost: modes and owners are nobody's bytes. */
export function hasOtherBytes(entry: Entry, known: readonly SavedEntry[]): boolean {
  if (entry.type === 'file') {
    return !known.some((saved) => saved.type === 'file' && saved.text === entry.text);
  }
  return entry.type === 'link' && !known.some((saved) => isAt(entry, saved));
}

type Metadata = { readonly mode: number; readonly uid: number; readonly gid: number };

function sameMetadata(a: Metadata, b: Metadata): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** What lies there when the changes have been made, or taken back. */
export function writtenPaths(
  changes: readonly SavedChange[],
  when: 'before' | 'after',
): readonly string[] {
  return changes.filter((change) => change[when].type !== 'absent').map(({ path }) => path);
}
