import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { FileMetadata } from './host.ts';
import { isTrustedDirectory } from './walk.ts';

/** The account that runs vllmd, and whether it can give files away. */
type Writer = { readonly uid: number; readonly setsOwner: boolean };

const COPY_BYTES = 2 ** 20;

/** A file of the old content or of the new one is there at every moment, with its final mode from the first. */
export function replaceFile(
  at: string,
  text: string,
  metadata: FileMetadata,
  setsOwner: boolean,
): void {
  replaceWith(at, metadata, setsOwner, (fd) => writeFileSync(fd, text));
}

/** `directoryFd` is that of the source. */
export function copyFile(source: string, directoryFd: number, at: string, writer: Writer): void {
  const fd = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw notCopied(source, 'is no regular file');
    // In a directory of somebody else it may be a second name of a file that he cannot read himself.
    if (stats.nlink > 1 && !isTrustedDirectory(fstatSync(directoryFd), writer.uid)) {
      throw notCopied(source, 'has several names');
    }
    const { uid, gid } = stats;
    // One that stays with the caller must not run as him because it ran as somebody else.
    const metadata = { mode: stats.mode & (writer.setsOwner ? 0o7777 : 0o777), uid, gid };
    replaceWith(at, metadata, writer.setsOwner, (to) => copyBytes(fd, to));
  } finally {
    closeSync(fd);
  }
}

function notCopied(source: string, why: string): Error {
  return Object.assign(new Error(`${source} ${why}`), { code: 'EINVAL' });
}

function copyBytes(from: number, to: number): void {
  const buffer = new Uint8Array(COPY_BYTES);
  for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
    for (let done = 0; done < count; ) done += writeSync(to, buffer, done, count - done);
  }
}

function replaceWith(
  at: string,
  metadata: FileMetadata,
  setsOwner: boolean,
  fill: (fd: number) => void,
): void {
  const temporary = temporaryName(at);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    try {
      fill(fd);
      if (setsOwner) fchownSync(fd, metadata.uid, metadata.gid);
      fchmodSync(fd, metadata.mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, at);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncParent(at);
}

export function replaceLink(at: string, target: string): void {
  const temporary = temporaryName(at);
  symlinkSync(target, temporary);
  try {
    renameSync(temporary, at);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncParent(at);
}

/** In the same directory, where systemd ignores names that begin with a dot. */
function temporaryName(at: string): string {
  const cut = at.lastIndexOf('/');
  return `${at.slice(0, cut)}/.${at.slice(cut + 1)}.vllmd-${randomBytes(6).toString('hex')}`;
}

export function syncParent(at: string): void {
  const fd = openSync(`${at.slice(0, at.lastIndexOf('/'))}/.`, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
