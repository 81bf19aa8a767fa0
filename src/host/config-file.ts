import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { O_PATH } from './walk.ts';

/** The bytes of a config, or why there are none. */
export type ConfigFile =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      /** Of a regular file: who may do what with it. */
      readonly permissions?: number;
      /** Of a regular file: the ID of the account that it belongs to. */
      readonly owner?: number;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unreadable'; readonly why: string };

export type ReadLimits = {
  /** A file that has more is unreadable. Without it no more is read than tells that it is too large for a config. */
  readonly maxMebibytes?: number;
  /** For a name that nobody has typed: what is no regular file is not even opened, as a device may act on that. */
  readonly isOnlyRegular?: true;
};

/** One more than any config may have, so that a larger one is seen to be too large without being read. */
const MAX_BYTES = 8 * 2 ** 20 + 1;

/** A second descriptor of it would not wait for what is still to come. */
export const STDIN_PATH = '/dev/stdin';

export function readConfigFile(path: string, limits: ReadLimits = {}): ConfigFile {
  try {
    if (path === STDIN_PATH && limits.isOnlyRegular !== true) return read(0, limits);
    const fd = limits.isOnlyRegular === true ? openRegular(path) : openSync(path, READ);
    if (fd === undefined) return { kind: 'unreadable', why: 'it is no regular file' };
    try {
      return read(fd, limits);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return reasonOf(error);
  }
}

const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** What was looked at is what is opened, whatever the name leads to by then. */
function openRegular(path: string): number | undefined {
  const place = openSync(path, O_PATH);
  try {
    return fstatSync(place).isFile() ? openSync(`/proc/self/fd/${place}`, READ) : undefined;
  } finally {
    closeSync(place);
  }
}

function read(fd: number, { maxMebibytes }: ReadLimits): ConfigFile {
  const status = fstatSync(fd);
  if (status.isDirectory()) return { kind: 'unreadable', why: 'it is a directory' };
  const access = status.isFile() ? { permissions: status.mode & 0o7777, owner: status.uid } : {};
  if (maxMebibytes === undefined) {
    return { kind: 'bytes', bytes: readUpTo(fd, MAX_BYTES), ...access };
  }
  const most = maxMebibytes * 2 ** 20;
  const bytes = readUpTo(fd, most + 1);
  if (bytes.length <= most) return { kind: 'bytes', bytes, ...access };
  return { kind: 'unreadable', why: `it is larger than ${maxMebibytes} MiB` };
}

function reasonOf(error: unknown): ConfigFile {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const { code, message } = error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
  return code === 'EACCES' ? { kind: 'forbidden' } : { kind: 'unreadable', why: message };
}

/** Reads to the end: a pipe (`--config -`) has no size. */
function readUpTo(fd: number, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < limit) {
    const chunk = new Uint8Array(Math.min(65_536, limit - total));
    const count = readSome(fd, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  return Buffer.concat(chunks);
}

/** How many bytes there were; of a pipe (`--file <(…)`) whose writer has nothing yet it waits for more. */
function readSome(fd: number, into: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, into);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
    }
  }
}

const LOOK_AGAIN_MS = 20;
