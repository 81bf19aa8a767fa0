import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { asError } from '../as-error.ts';

/** Where a server writes what it says. */
export type ServerLog = {
  readonly fd: number;
  /** The last that was written since it was opened; '' of one that cannot be read back. */
  readonly tail: () => string;
  readonly close: () => void;
};

const TAIL_BYTES = 65_536;

/** What vllmd itself writes to: in a container, its log. */
const OWN: ReadonlyMap<string, number> = new Map([
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
]);

/** Opened to be added to, and made with its directory where there is none; why it cannot be, where it cannot. */
export function openServerLog(path: string): ServerLog | { readonly why: string } {
  const own = OWN.get(path);
  if (own !== undefined) return { fd: own, tail: () => '', close: () => undefined };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    const fd = openSync(path, FLAGS, 0o640);
    const status = fstatSync(fd);
    if (!status.isFile() && !status.isCharacterDevice()) {
      closeSync(fd);
      return { why: 'it is no regular file' };
    }
    return { fd, tail: () => tailOf(fd, status.size), close: () => closeSync(fd) };
  } catch (error) {
    const { message } = asError(error);
    const isLink = error instanceof Error && 'code' in error && error.code === 'ELOOP';
    return { why: isLink ? 'it is a link, which could lead anywhere' : message };
  }
}

/** In a directory such as /tmp everybody can plant a link that leads to a file of root's. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** A log that was cut meanwhile has nothing of what was in it before. */
function tailOf(fd: number, beginBytes: number): string {
  const status = fstatSync(fd);
  if (!status.isFile()) return '';
  const { size } = status;
  const from = Math.max(size < beginBytes ? 0 : beginBytes, size - TAIL_BYTES);
  const bytes = new Uint8Array(size - from);
  const count = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, from);
  return new TextDecoder().decode(bytes.subarray(0, count));
}
