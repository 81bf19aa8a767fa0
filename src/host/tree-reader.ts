import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { absent, type Entry, type Exposure, type FileStat } from '../core/plan/observed.ts';
import { absenceOr } from './absence.ts';
import { OpenDirectories, type OpenDirectory } from './open-directories.ts';
import { UnsafeLink } from './walk.ts';
import { nameOf, parentOf, Ways } from './ways.ts';

/** The record of ten thousand runtimes has a third of it. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Of `stat.blocks`, whatever the filesystem's own block size is: stat(2). */
const BLOCK_BYTES = 512;
const hidden: Entry = { type: 'hidden' };
const changing: Entry = { type: 'other', what: 'name that changes while it is looked at' };
/** Not even what was exchanged for a file would be waited for, or become a terminal of this process. */
const OPEN_FILE =
  constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const leased: Entry = { type: 'other', what: 'file that a process holds by a lease' };
const buffer = Buffer.allocUnsafe(2 ** 16);
const LEASE_WAITS = 20;
const LEASE_WAIT_MS = 50;
const never = new Int32Array(new SharedArrayBuffer(4));

type Visited = { readonly at: string; readonly isTrusted: boolean };

/** Reads entries below `root`. Ways that are root's alone are looked at once and remembered until `forget`. */
export class TreeReader {
  readonly #root: string;
  readonly #uid: number;
  readonly #ways: Ways;
  readonly #directories: OpenDirectories;

  constructor(root: string, uid: number) {
    this.#root = root;
    this.#uid = uid;
    this.#ways = new Ways(root, uid);
    this.#directories = new OpenDirectories(root || '/', uid);
  }

  forget(): void {
    this.#ways.forget();
    this.#directories.close();
  }

  read(path: string): Entry {
    try {
      return this.#visit(
        parentOf(path),
        (directory) => entryAt(directory, nameOf(path), this.#uid),
        (obstacle) => obstacle,
      );
    } catch (error) {
      return absenceOr(error, absent, hidden);
    }
  }

  exposure(path: string): Exposure | undefined {
    return this.#ways.exposure(path);
  }

  list(path: string): readonly string[] | undefined {
    try {
      return this.#visit(
        path,
        ({ at }) => readdirSync(at).sort(),
        () => undefined,
      );
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }

  exists(path: string): boolean {
    try {
      return statSync(this.#root + path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      return absenceOr(error, false);
    }
  }

  stat(path: string): FileStat | undefined {
    try {
      const stats = statSync(this.#root + path, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      const rest = stats.isDirectory() ? 'directory' : 'other';
      return {
        type: stats.isFile() ? 'file' : rest,
        mode: stats.mode & 0o7777,
        uid: stats.uid,
        gid: stats.gid,
        sizeBytes: stats.size,
        allocatedBytes: stats.blocks * BLOCK_BYTES,
      };
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }

  readBytes(path: string, count: number): Uint8Array | undefined {
    try {
      return firstBytes(this.#root + path, count);
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }

  freeBytes(path: string): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.#root + path);
      return bavail * bsize;
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }

  /** `use` gets a name of the directory that nobody can turn elsewhere meanwhile. */
  #visit<Value>(
    path: string,
    use: (directory: Visited) => Value,
    instead: (obstacle: Entry) => Value,
  ): Value {
    const way = this.#ways.to(path);
    if (way.kind === 'blocked') return instead(way.entry);
    if (way.kind === 'own') return use({ at: this.#root + way.real, isTrusted: true });
    const opened = this.#open(way.names, way.real);
    if ('type' in opened) return instead(opened);
    return use({ at: `/proc/self/fd/${opened.fd}`, isTrusted: opened.isTrusted });
  }

  #open(names: readonly string[], from: string): OpenDirectory | Entry {
    try {
      return this.#directories.open(names, from);
    } catch (error) {
      if (error instanceof UnsafeLink) return { type: 'unsafe', link: error.link };
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOTDIR') return { type: 'other', what: 'file' };
      return absenceOr<Entry>(error, absent, hidden);
    }
  }
}

/**
 * Only what is a file is opened: opening is enough to claim a device. One descriptor says then whose it is and what is
 * in it, since the name may lead elsewhere by now.
 */
function entryAt({ at, isTrusted }: Visited, name: string, caller: number): Entry {
  const path = `${at}/${name}`;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return absent;
  const { uid, gid } = stats;
  if (stats.isFile()) return fileAt(path, isTrusted);
  if (stats.isSymbolicLink()) return linkAt(path, isTrusted && (uid === 0 || uid === caller));
  if (stats.isDirectory()) return { type: 'directory', mode: stats.mode & 0o7777, uid, gid };
  return { type: 'other', what: 'device, socket or pipe' };
}

function fileAt(path: string, isTrusted: boolean): Entry {
  const fd = opened(path);
  if (typeof fd === 'object') return fd;
  try {
    const stats = fstatSync(fd);
    const { uid, gid, size } = stats;
    if (!stats.isFile()) return changing;
    // In a directory of somebody else it may be a second name of a file that he cannot read himself.
    if (stats.nlink > 1 && !isTrusted) return { type: 'other', what: 'file with several names' };
    if (size > MAX_FILE_BYTES) return { type: 'other', what: 'file of over 64 MiB' };
    return { type: 'file', mode: stats.mode & 0o7777, uid, gid, text: textOf(fd, size) };
  } finally {
    closeSync(fd);
  }
}

/** Who holds a lease of it is asked to let go by that, and has a second for it. */
function opened(path: string): number | Entry {
  for (let left = LEASE_WAITS; left > 0; left -= 1) {
    const fd = openedNow(path);
    if (fd !== leased) return fd;
    Atomics.wait(never, 0, 0, LEASE_WAIT_MS);
  }
  return openedNow(path);
}

/** What it became since it was a file is not waited for. */
function openedNow(path: string): number | Entry {
  try {
    return openSync(path, OPEN_FILE);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ELOOP' || code === 'ENXIO') return changing;
    if (code === 'EAGAIN') return leased;
    throw error;
  }
}

/** A file is read at once, with room for more than it says it has: where that stays empty, there is no more. */
function textOf(fd: number, sizeBytes: number): string {
  const isSmall = sizeBytes < buffer.length;
  const bytes = isSmall ? buffer : Buffer.allocUnsafe(sizeBytes + 1);
  // Of a number in /proc/sys the kernel hands out nothing but the whole.
  const count = readSync(fd, bytes, 0, bytes.length, null);
  if (count === sizeBytes && count > 0) return bytes.toString('utf8', 0, count);
  // Files of the kernel do not say how long they are, and this one may have grown.
  return Buffer.concat([bytes.subarray(0, count), readFileSync(fd)]).toString('utf8');
}

function linkAt(at: string, trusted: boolean): Entry {
  try {
    return { type: 'link', target: readlinkSync(at), trusted };
  } catch (error) {
    // It was one a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
    return changing;
  }
}

function firstBytes(path: string, count: number): Uint8Array | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = new Uint8Array(count);
    return bytes.subarray(0, readSync(fd, bytes, 0, count, 0));
  } finally {
    closeSync(fd);
  }
}
