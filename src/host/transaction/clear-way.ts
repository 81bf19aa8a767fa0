import { randomBytes } from 'node:crypto';
import { ancestors } from '../../core/render/parents.ts';
import type { SavedEntry } from '../../core/transaction/entries.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import type { FileMetadata, Host } from '../host.ts';
import { joined, nameOf, parentOf } from '../ways.ts';

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
  if (entry.type === 'directory' || (entry.type === 'link' && entry.trusted)) return;
  if ((await host.exposure(parentOf(path))) === undefined) return;
  if (entry.type !== 'absent') await moveAside(path, host, saved);
  await host.mkdir(path, await metadataFor(path, journal, host));
}

/** As the install knew it, or else as its owner would have made it. */
async function metadataFor(path: string, journal: Journal, host: Host): Promise<FileMetadata> {
  const known = journal.changes.find((change) => change.path === path);
  for (const entry of [known?.before, known?.after, await host.read(parentOf(path))]) {
    if (entry?.type !== 'directory') continue;
    const { mode, uid, gid } = entry;
    return { mode: mode & 0o755, uid, gid };
  }
  return { mode: 0o755, uid: 0, gid: 0 };
}

async function moveAside(path: string, host: Host, saved: Map<string, string>): Promise<void> {
  if ((await host.exposure(parentOf(path))) === undefined) return;
  const name = `${nameOf(path)}.vllmd-aside-${randomBytes(4).toString('hex')}`;
  await host.rename(path, name);
  saved.set(path, joined(parentOf(path), name));
}
