import { chmodSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { VllmdError } from '../core/failure.ts';
import { LOCK_PATH, RUN_DIR } from '../core/resolve/layout.ts';
import { spawn } from './spawn.ts';
import { withDirectory } from './walk.ts';
import { parentOf } from './ways.ts';

/** For the program itself to start and end. */
const SLACK_MS = 30_000;

/**
 * flock(2), which Node does not have: the lock belongs to the open file that this process and its child share, so it
 * stays when the child has ended, and goes when this process ends in whatever way.
 */
export async function flock(
  fd: number,
  mode: 'shared' | 'exclusive',
  seconds: number,
): Promise<'taken' | 'busy' | 'no flock'> {
  const wait = seconds === 0 ? ['-n'] : ['-w', String(seconds)];
  const argv = ['flock', mode === 'shared' ? '-s' : '-x', ...wait, '3'];
  const result = await spawn(argv, seconds * 1000 + SLACK_MS, { descriptor: fd });
  if (result.exitCode === 0) return 'taken';
  if (result.exitCode === 1) return 'busy';
  if (result.exitCode === 127) return 'no flock';
  throw new VllmdError(
    'unexpected',
    `flock ends with ${result.exitCode}: ${result.stderr.trim()}`,
    'without the lock, two installs could change this host at once',
  );
}

/** `base` is '/' on a real machine. */
export function openLockFile(base: string, uid: number): number {
  const directoryName = RUN_DIR.slice(RUN_DIR.lastIndexOf('/') + 1);
  withDirectory(base, parentOf(RUN_DIR), uid, (parent) => makeOnce(`${parent}/${directoryName}`));
  return openIn(base, uid, constants.O_RDWR | constants.O_CREAT);
}

/** Undefined when there is none or it may not be read. */
export function openExisting(
  root: string,
  { base, uid }: { readonly base: string; readonly uid: number },
): number | undefined {
  try {
    return root === '' ? openIn(base, uid, constants.O_RDONLY) : openDirectory(root);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}

/** A tree that is no running machine is locked by its own directory: nothing is left behind in it. */
export function openTree(root: string): number {
  try {
    return openDirectory(root);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new VllmdError('usage', `--root ${root}: there is no such directory`, undefined, {
      cause: error,
    });
  }
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function makeOnce(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  chmodSync(path, 0o755);
}

function openIn(base: string, uid: number, flags: number): number {
  return withDirectory(base, RUN_DIR, uid, (directory, directoryFd) => {
    const stats = fstatSync(directoryFd);
    if ((stats.uid !== 0 && stats.uid !== uid) || (stats.mode & 0o022) !== 0) {
      throw new VllmdError(
        'conflict',
        `${RUN_DIR} can be written by others than root, so that a lock in it says nothing`,
        `sudo chown root:root ${RUN_DIR} && sudo chmod 0755 ${RUN_DIR}`,
      );
    }
    const name = LOCK_PATH.slice(LOCK_PATH.lastIndexOf('/') + 1);
    return openSync(
      `${directory}/${name}`,
      flags | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      0o600,
    );
  });
}
