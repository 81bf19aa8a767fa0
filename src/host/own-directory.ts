import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
} from 'node:fs';
import type { ExpectedDirectory, FileMetadata } from './host.ts';
import { syncParent } from './replace-file.ts';

/** The account that runs vllmd, and whether it can give directories away. */
type Maker = { readonly uid: number; readonly setsOwner: boolean };

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** False where another directory has taken its place before it was given away: that one stays as it is. */
export function makeDirectory(at: string, metadata: FileMetadata, maker: Maker): boolean {
  mkdirSync(at, { mode: 0o700 });
  const isDone = setOwner(at, metadata, { uid: maker.uid, holdsOnly: [] }, maker.setsOwner);
  syncParent(at);
  return isDone;
}

/**
 * False where it is not as expected. Whoever can write the directory above can move one of root's there: what is given
 * away is looked at through the descriptor that gives it away.
 */
export function setOwner(
  at: string,
  metadata: FileMetadata,
  expected: ExpectedDirectory,
  setsOwner: boolean,
): boolean {
  const fd = openSync(at, OPEN_DIRECTORY);
  try {
    if (fstatSync(fd).uid !== expected.uid) return false;
    if (!holdsOnly(readdirSync(`/proc/self/fd/${fd}`), expected)) return false;
    if (setsOwner) fchownSync(fd, metadata.uid, metadata.gid);
    fchmodSync(fd, metadata.mode);
    fsyncSync(fd);
    return true;
  } finally {
    closeSync(fd);
  }
}

export function holdsOnly(names: readonly string[], expected: ExpectedDirectory): boolean {
  return (
    expected.holdsOnly === undefined || names.every((name) => expected.holdsOnly?.includes(name))
  );
}
