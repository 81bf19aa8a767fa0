import { randomBytes } from 'node:crypto';
import { isOwnDirectory, OWN_DIRECTORY_MODE, ownNames } from '../../core/plan/own-directories.ts';
import { ancestors } from '../../core/render/parents.ts';
import type { SavedEntry } from '../../core/transaction/entries.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import { exchanged } from '../exchanged.ts';
import type { FileMetadata, Host } from '../host.ts';
import { joined, nameOf, parentOf } from '../ways.ts';
import { isLeft, put } from './make-change.ts';

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
  const wanted = await wantedDirectory(path, journal, host);
  // Made as root's it would stay so, and lock out whose it is.
  if (wanted === undefined) throw exchanged(path);
  // Where a way back was cut off between making one and giving it away, it is still root's, and empty.
  if (entry.type === 'directory' && wanted.uid === 0) return;
  if (await isLeft(path, wanted, host)) return;
  if (entry.type !== 'directory' && entry.type !== 'absent') await moveAside(path, host, saved);
  await put(path, wanted, host);
}

type Directory = Extract<SavedEntry, { type: 'directory' }>;

/**
 * As the install knew it, or else as it makes one below the directory above. Undefined where that cannot be told, because
 * that one has just been exchanged.
 */
async function wantedDirectory(
  path: string,
  journal: Journal,
  host: Host,
): Promise<Directory | undefined> {
  const known = journal.changes.find((change) => change.path === path);
  for (const entry of [known?.before, known?.after]) {
    if (entry?.type === 'directory') return { ...entry, mode: entry.mode & 0o755 };
  }
  const above = await throughLink(parentOf(path), host);
  if (above === undefined) return undefined;
  return {
    type: 'directory',
    mode: isOwnDirectory(path) ? OWN_DIRECTORY_MODE : above.mode & 0o755,
    uid: ownNames(path).length > 0 ? 0 : above.uid,
    gid: above.gid,
  };
}

/** A directory, also where a link leads to it that nobody but root can change. */
async function throughLink(path: string, host: Host): Promise<FileMetadata | undefined> {
  const entry = await host.read(path);
  const isTrusted = entry.type === 'link' && entry.trusted;
  const found = isTrusted ? await host.stat(path) : entry;
  return found?.type === 'directory' ? found : undefined;
}

async function moveAside(path: string, host: Host, saved: Map<string, string>): Promise<void> {
  if ((await host.exposure(parentOf(path))) === undefined) return;
  const name = `${nameOf(path)}.vllmd-aside-${randomBytes(4).toString('hex')}`;
  await host.rename(path, name);
  saved.set(path, joined(parentOf(path), name));
}
