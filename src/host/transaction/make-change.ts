import { VllmdError } from '../../core/failure.ts';
import { ownNames } from '../../core/plan/own-directories.ts';
import {
  hasOtherBytes,
  isAt,
  type SavedChange,
  type SavedEntry,
} from '../../core/transaction/entries.ts';
import { asError } from '../as-error.ts';
import { exchanged } from '../exchanged.ts';
import type { ExpectedDirectory, Host } from '../host.ts';
import { holdsOnly } from '../own-directory.ts';
import { parentOf } from '../ways.ts';
import { makeParents } from './store.ts';

/** Makes a change of a plan. What is the operator's is copied away first. `onBegin`: from here on it may be half made. */
export async function makeChange(
  change: SavedChange,
  host: Host,
  onBegin: () => void = () => undefined,
): Promise<void> {
  try {
    await mustBeAsPlanned(change, host);
    onBegin();
    if (change.backup !== undefined) await keepBackup(change, change.backup, host);
    await put(change.path, change.after, host);
    if (change.restores !== undefined) await restore(change.path, change.restores, host);
  } catch (error) {
    if (error instanceof VllmdError) throw error;
    throw new VllmdError(
      'unexpected',
      `cannot ${verbOf(change)} ${change.path}: ${asError(error).message}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

/** Minutes may lie between the plan and this: VMs were stopped meanwhile. */
async function mustBeAsPlanned({ path, before, after }: SavedChange, host: Host): Promise<void> {
  const actual = await host.read(path);
  // One that came meanwhile is not what this install makes: it would be given to somebody.
  const isOtherDirectory =
    actual.type === 'directory' && before.type !== 'directory' && !isAt(actual, after);
  if (isOtherDirectory || hasOtherBytes(actual, [before, after])) throw exchanged(path);
}

function verbOf({ before, after }: SavedChange): string {
  if (after.type === 'absent') return 'delete';
  return before.type === 'absent' ? 'create' : 'update';
}

async function keepBackup(change: SavedChange, backup: string, host: Host): Promise<void> {
  await makeParents(host, backup);
  await keepOlder(backup, host);
  if (change.before.type === 'link') await host.link(backup, change.before.target);
  else await host.copy(change.path, backup);
}

/** A generation's number comes again after an uninstall: what was kept under it stays. */
async function keepOlder(backup: string, host: Host): Promise<void> {
  const older = await host.read(backup);
  if (older.type === 'absent') return;
  let aside = `${backup}~`;
  while ((await host.read(aside)).type !== 'absent') aside = `${aside}~`;
  if (older.type === 'link') await host.link(aside, older.target);
  else await host.copy(backup, aside);
}

async function restore(path: string, backup: string, host: Host): Promise<void> {
  const entry = await host.read(backup);
  if (entry.type === 'link') return host.link(path, entry.target);
  return host.copy(backup, path);
}

/** Where others can exchange a directory, root gives away only what can hold nothing of its own. */
async function correctable(
  path: string,
  actualUid: number,
  wantedUid: number,
  host: Host,
): Promise<ExpectedDirectory> {
  if ((await host.exposure(parentOf(path))) === undefined) return { uid: actualUid };
  // Empty it may be one that was cut off between its making and its giving away.
  if (actualUid !== 0) return { uid: wantedUid };
  return { uid: 0, holdsOnly: wantedUid === 0 ? ownNames(path) : [] };
}

/** A directory that its owner has exchanged stays as it is: nobody's bytes are lost by its mode. */
export async function isLeft(path: string, wanted: SavedEntry, host: Host): Promise<boolean> {
  const actual = await host.read(path);
  if (wanted.type !== 'directory' || actual.type !== 'directory') return false;
  const expected = await correctable(path, actual.uid, wanted.uid, host);
  return actual.uid !== expected.uid || !holdsOnly((await host.list(path)) ?? [], expected);
}

/** Brings a path into a state, from whatever state it is in. A directory that is not empty stays. */
export async function put(path: string, wanted: SavedEntry, host: Host): Promise<void> {
  const actual = await host.read(path);
  if (isAt(actual, wanted)) return;
  switch (wanted.type) {
    case 'absent':
      if (actual.type === 'directory') await host.removeDirectory(path);
      else await host.remove(path);
      return;
    case 'link':
      return host.link(path, wanted.target);
    case 'directory': {
      const { mode, uid, gid } = wanted;
      if (actual.type !== 'directory') return host.mkdir(path, { mode, uid, gid });
      const expected = await correctable(path, actual.uid, uid, host);
      return host.setMetadata(path, { mode, uid, gid }, expected);
    }
    case 'file': {
      const { text, mode, uid, gid } = wanted;
      // Also where only its mode or owner is another: a file that somebody has moved there is not given away.
      return host.write(path, text, { mode, uid, gid });
    }
    default:
      return wanted satisfies never;
  }
}
