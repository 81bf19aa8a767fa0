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
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { absent, type Entry } from '../core/plan/observed.ts';
import { absenceOr } from './absence.ts';
import type { Exposure, FileStat } from './host.ts';
import { isTrustedDirectory, resolveTarget } from './walk.ts';
import { parentOf, Ways } from './ways.ts';

/** The record of ten thousand runtimes has a third of it. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Of `stat.blocks`, whatever the filesystem's own block size is: stat(2). */
const BLOCK_BYTES = 512;
const hidden: Entry = { type: 'hidden' };

/** Reads entries below `root`. Directories are looked at once and remembered until `forget`. */
export class TreeReader {
  readonly #root: string;
  readonly #uid: number;
  readonly #ways: Ways;
  /** What stands in the way to a directory; undefined when the way is clear. */
  readonly #directories = new Map<string, Entry | undefined>();

  constructor(root: string, uid: number) {
    this.#root = root;
    this.#uid = uid;
    this.#ways = new Ways(root, uid);
  }

  forget(): void {
    this.#directories.clear();
    this.#ways.forget();
  }

  read(path: string): Entry {
    const obstacle = this.#obstacle(parentOf(path));
    if (obstacle !== undefined) return obstacle;
    return asEntry(() => this.#entry(path));
  }

  exposure(path: string): Exposure | undefined {
    return this.#ways.exposure(path);
  }

  list(path: string): readonly string[] | undefined {
    try {
      return readdirSync(this.#root + path).sort();
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }

  exists(path: string): boolean {
    try {
      statSync(this.#root + path);
      return true;
    } catch (error) {
      return absenceOr(error, false);
    }
  }

  stat(path: string): FileStat | undefined {
    try {
      const stats = statSync(this.#root + path);
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

  #entry(path: string): Entry {
    const real = this.#root + path;
    const stats = lstatSync(real);
    if (stats.isSymbolicLink()) {
      return { type: 'link', target: readlinkSync(real), trusted: this.#isTrusted(path, stats) };
    }
    const { uid, gid } = stats;
    const mode = stats.mode & 0o7777;
    if (stats.isDirectory()) return { type: 'directory', mode, uid, gid };
    if (!stats.isFile()) return { type: 'other', what: 'device, socket or pipe' };
    // In a directory of somebody else it may be a second name of a file that he cannot read himself.
    if (stats.nlink > 1 && !this.#isTrustedDirectory(parentOf(path))) {
      return { type: 'other', what: 'file with several names' };
    }
    if (stats.size > MAX_FILE_BYTES) return { type: 'other', what: 'file of over 64 MiB' };
    return { type: 'file', mode, uid, gid, text: readRegularFile(real) };
  }

  #obstacle(path: string): Entry | undefined {
    if (path === '/') return undefined;
    if (!this.#directories.has(path)) this.#directories.set(path, this.#lookAt(path));
    return this.#directories.get(path);
  }

  #lookAt(path: string): Entry | undefined {
    const above = this.#obstacle(parentOf(path));
    if (above !== undefined) return above;
    const entry = asEntry(() => this.#directoryEntry(path));
    if (entry.type === 'directory') return undefined;
    if (entry.type !== 'link') return entry.type === 'file' ? absent : entry;
    if (!entry.trusted) return { type: 'unsafe', link: path };
    const done = parentOf(path).split('/').filter(Boolean);
    const target = `/${resolveTarget(done, entry.target).join('/')}`;
    // A link to itself is met again here while it is still being looked at.
    this.#directories.set(path, { type: 'unsafe', link: path });
    return this.#obstacle(target);
  }

  #directoryEntry(path: string): Entry {
    const stats = lstatSync(this.#root + path);
    if (!stats.isSymbolicLink() && !stats.isDirectory()) return { type: 'other', what: 'file' };
    return this.#entry(path);
  }

  #isTrusted(path: string, link: Stats): boolean {
    const isOwn = link.uid === 0 || link.uid === this.#uid;
    return isOwn && this.#isTrustedDirectory(parentOf(path));
  }

  #isTrustedDirectory(path: string): boolean {
    return isTrustedDirectory(statSync(this.#root + path), this.#uid);
  }
}

/** The file that was looked at may be a link or a pipe by now: neither is followed or waited for. */
function readRegularFile(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return '';
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
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

function asEntry(look: () => Entry): Entry {
  try {
    return look();
  } catch (error) {
    // It became one after the first look.
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') {
      return { type: 'other', what: 'file that turns into a symbolic link' };
    }
    return absenceOr(error, absent, hidden);
  }
}
