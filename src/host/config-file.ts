import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The bytes of a config, or why there are none. */
export type ConfigFile =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** One more than any config may have, so that a larger one is seen to be too large without being read. */
const MAX_BYTES = 8 * 2 ** 20 + 1;

/** A second descriptor of it would not wait for what is still to come. */
export const STDIN_PATH = '/dev/stdin';

export function readConfigFile(path: string): ConfigFile {
  try {
    if (path === STDIN_PATH) return contentOf(0);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return contentOf(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return reasonOf(error);
  }
}

function contentOf(fd: number): ConfigFile {
  if (fstatSync(fd).isDirectory()) return { kind: 'unreadable', why: 'it is a directory' };
  return { kind: 'bytes', bytes: readUpTo(fd, MAX_BYTES) };
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
    const count = readSync(fd, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  return Buffer.concat(chunks);
}
