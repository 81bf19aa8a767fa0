import { VllmdError } from '../../core/failure.ts';
import {
  hasOtherBytes,
  isAt,
  type SavedChange,
  type SavedEntry,
} from '../../core/transaction/entries.ts';
import { asError } from '../as-error.ts';
import type { Host } from '../host.ts';
import { makeParents } from './store.ts';

/** Makes a change of a plan. What is the operator's is copied away first. `onBegin`: from here on it may be half made. */
export async function makeChange(
  change: SavedChange,
  host: Host,
  onBegin: () => void,
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
  if (!hasOtherBytes(await host.read(path), [before, after])) return;
  throw new VllmdError(
    'conflict',
    `${path} was changed while the install ran`,
    'install again: the plan then says what to do about it',
  );
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
      if (actual.type === 'directory') return host.setMetadata(path, { mode, uid, gid });
      return host.mkdir(path, { mode, uid, gid });
    }
    case 'file': {
      const { text, mode, uid, gid } = wanted;
      const isSame = actual.type === 'file' && actual.text === text;
      if (isSame) return host.setMetadata(path, { mode, uid, gid });
      return host.write(path, text, { mode, uid, gid });
    }
    default:
      return wanted satisfies never;
  }
}
