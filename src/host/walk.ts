import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';

/** Opens for the place in the tree alone: needs no right to read the directory. Not among Node's constants. */
export const O_PATH = 0o10000000;
const OPEN_DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const MAX_LINKS = 40;

/**
 * Opens a directory by walking from the root one name at a time, each relative to the descriptor before it, so that
 * nobody can exchange a part of the path meanwhile. A link is followed only when nobody but root and the caller can
 * change it. The result is a name under /proc/self/fd to which the last name can be joined.
 */
export function withDirectory<Value>(
  root: string,
  path: string,
  uid: number,
  use: (directory: string, fd: number) => Value,
): Value {
  const fd = openDirectory(root, path.split('/').filter(Boolean), uid);
  try {
    return use(`/proc/self/fd/${fd}`, fd);
  } finally {
    closeSync(fd);
  }
}

/** Walks as `withDirectory` does, from a directory that nobody else can exchange. The caller closes it. */
export function openDirectory(
  root: string,
  parts: readonly string[],
  uid: number,
  from = '/',
): number {
  refuseUpwards(parts);
  let rest = [...parts];
  let done = from.split('/').filter(Boolean);
  let links = 0;
  let fd = openSync(root + from, O_PATH | constants.O_DIRECTORY);
  try {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const next = enter(fd, name);
      if (next !== undefined) {
        fd = replace(fd, next);
        done.push(name);
        continue;
      }
      const at = `/proc/self/fd/${fd}/${name}`;
      links += 1;
      if (links > MAX_LINKS || !isTrustedLink(at, fd, uid))
        throw new UnsafeLink(`/${[...done, name].join('/')}`);
      const target = readlinkSync(at);
      // The target is walked from the root again, so that `..` needs no treatment of its own.
      rest = [...resolveTarget(done, target), ...rest];
      done = [];
      fd = replace(fd, openSync(root, O_PATH | constants.O_DIRECTORY));
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Of the directory `name` in the one that is open; undefined: it is a link. Throws where it is anything else. */
export function enter(fd: number, name: string): number | undefined {
  const at = `/proc/self/fd/${fd}/${name}`;
  try {
    return openSync(at, OPEN_DIRECTORY);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
    if (!lstatSync(at).isSymbolicLink()) throw error;
    return undefined;
  }
}

/** Those of a link are taken out before they are walked; no other path of vllmd's has any. */
export function refuseUpwards(parts: readonly string[]): void {
  if (parts.includes('..')) throw new LeadsUp(`/${parts.join('/')}`);
}

function replace(old: number, next: number): number {
  closeSync(old);
  return next;
}

/** Neither the link itself nor the directory it lies in can be changed by anybody else. */
function isTrustedLink(path: string, directoryFd: number, uid: number): boolean {
  const owner = lstatSync(path).uid;
  return (owner === 0 || owner === uid) && isTrustedDirectory(fstatSync(directoryFd), uid);
}

/** Only root and the caller can put names into it, or exchange theirs. */
export function isTrustedDirectory(directory: Stats, uid: number): boolean {
  const isShared = (directory.mode & 0o022) !== 0 && (directory.mode & 0o1000) === 0;
  return (directory.uid === 0 || directory.uid === uid) && !isShared;
}

/** The names from the root that a link leads to, `..` resolved. */
export function resolveTarget(done: readonly string[], target: string): readonly string[] {
  const parts = target.startsWith('/') ? [] : [...done];
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

/** A path with `..`, which would be another one where a link is on the way. */
class LeadsUp extends VllmdError {
  constructor(path: string) {
    super('conflict', `${visible(path)} has .. in it, and is not walked`, 'name it without ..');
  }
}

/** A link on the way that is not followed. */
export class UnsafeLink extends VllmdError {
  readonly link: string;

  constructor(link: string) {
    super(
      'conflict',
      `${link} is a symbolic link that its owner can turn elsewhere; vllmd does not write through it`,
      'put a real directory there, or name another directory in the config',
    );
    this.link = link;
  }
}
