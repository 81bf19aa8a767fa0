import { randomBytes } from 'node:crypto';
import { ownNames } from '../../core/plan/own-directories.ts';
import { ancestors } from '../../core/render/parents.ts';
import type { SavedEntry } from '../../core/transaction/entries.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import { exchanged } from '../exchanged.ts';
import type { FileMetadata, Host } from '../host.ts';
import { holdsOnly } from '../own-directory.ts';
import { joined, nameOf, parentOf } from '../ways.ts';
import { correctable } from './make-change.ts';

/**
 * Makes room for what comes back where its owner can put something in the way at any time: else he could keep a way
 * back, and with it all runtimes, from its end. What was there gets another name beside it, which is noted.
 */
export async function clearWay(
  path: string,
  wanted: SavedEntry,
  journal: Journal,
  host: Host,
  saved: Map<string, string>,
): Promise<void> {
  for (const directory of ancestors(path)) await clearDirectory(directory, journal, host, saved);
  const { type } = await host.read(path);
  const fits = type === 'absent' || (type === 'directory') === (wanted.type === 'directory');
  if (!fits) await moveAside(path, host, saved);
}

async function clearDirectory(
  path: string,
  journal: Journal,
  host: Host,
  saved: Map<string, string>,
): Promise<void> {
  const entry = await host.read(path);
  if (entry.type === 'link' && entry.trusted) return;
  if (entry.type === 'directory' && entry.uid !== 0) return;
  if ((await host.exposure(parentOf(path))) === undefined) return;
  const metadata = await metadataFor(path, journal, host);
  // Made as root's it would stay so, and lock out whose it is.
  if (metadata === undefined) throw exchanged(path);
  if (entry.type === 'directory') return giveAway(path, entry.uid, metadata, host);
  if (entry.type !== 'absent') await moveAside(path, host, saved);
  await host.mkdir(path, metadata);
}

/** One that was cut off between its making and its giving away is still root's, and empty. */
async function giveAway(
  path: string,
  uid: number,
  metadata: FileMetadata,
  host: Host,
): Promise<void> {
  if (metadata.uid === uid) return;
  const expected = await correctable(path, uid, metadata.uid, host);
  if (!holdsOnly((await host.list(path)) ?? [], expected)) return;
  await host.setMetadata(path, metadata, expected);
}

/**
 * As the install knew it, or else as its owner would have made it. Undefined where that cannot be told, because the
 * directory above has just been exchanged.
 */
async function metadataFor(
  path: string,
  journal: Journal,
  host: Host,
): Promise<FileMetadata | undefined> {
  const known = journal.changes.find((change) => change.path === path);
  for (const entry of [known?.before, known?.after]) {
    if (entry?.type === 'directory') return withoutWriters(entry);
  }
  const above = await host.read(parentOf(path));
  if (above.type !== 'directory') return undefined;
  const isRoots = ownNames(path).length > 0;
  return isRoots ? { mode: 0o750, uid: 0, gid: above.gid } : withoutWriters(above);
}

function withoutWriters({ mode, uid, gid }: FileMetadata): FileMetadata {
  return { mode: mode & 0o755, uid, gid };
}

async function moveAside(path: string, host: Host, saved: Map<string, string>): Promise<void> {
  if ((await host.exposure(parentOf(path))) === undefined) return;
  const name = `${nameOf(path)}.vllmd-aside-${randomBytes(4).toString('hex')}`;
  await host.rename(path, name);
  saved.set(path, joined(parentOf(path), name));
}
