import { closeSync, ftruncateSync, readFileSync, readSync, writeSync } from 'node:fs';
import { visible } from '../core/control-characters.ts';
import { formatDuration } from '../core/duration.ts';
import { VllmdError } from '../core/failure.ts';
import { flock, openExisting, openLockFile, openTree } from './flock.ts';

/** As it stands in the lock file. */
export type LockHolder = {
  readonly pid: number;
  /** Of the process, in clock ticks since boot (field 22 of /proc/PID/stat): a pid can be used again. */
  readonly startTime: number;
  /** Who typed it: SUDO_USER where there is one. */
  readonly user: string;
  /** `install`, `rollback`, … */
  readonly op: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The process is gone: what it has started has the lock still. Not in the file. */
  readonly hasEnded?: true;
};

export type LockRequest = {
  readonly op: string;
  /** How long to wait for another process; 0 is hardly at all. */
  readonly timeoutMs: number;
  /** Called once, when it has to wait longer than a moment. */
  readonly onWait: (holder: LockHolder | undefined) => void;
};

export type Lock = { readonly release: () => void };

/** Who takes the lock. */
export type Locker = {
  /** Where the real machine's files are: '/'. */
  readonly base: string;
  readonly uid: number;
  readonly pid: number;
  readonly user: string;
  readonly version: string;
  /** Started by a vllmd that holds the lock. */
  readonly isNested: boolean;
  readonly now: () => number;
};

/** Tells a program that vllmd starts: a vllmd below it would wait for the one that waits for it. */
export const NESTED_ENV = { VLLMD_LOCK_HELD: '1' } as const;

/** Whoever only looks holds the lock for a moment, which is no reason to fail. */
const MOMENT_S = 0.5;
/** A wait is made of short ones: one that is cut off leaves a `flock` behind for no longer. */
const SLICE_S = 2;
const MAX_HOLDER_BYTES = 4096;

/** The right to change the host below `root`. It ends with the process, however that ends. */
export async function takeLock(root: string, request: LockRequest, by: Locker): Promise<Lock> {
  if (by.isNested) {
    throw new VllmdError(
      'locked',
      `\`vllmd ${request.op}\` was called from within an install, which holds the lock`,
      'take the call out of what that install runs',
    );
  }
  const isMachine = root === '';
  const fd = isMachine ? openLockFile(by.base, by.uid) : openTree(root);
  try {
    await acquire(fd, root, request, by);
    if (isMachine) tellHolder(fd, request.op, by);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { release: once(() => leave(fd, isMachine)) };
}

/** Who has the lock at the moment; undefined when nobody has, or when it may not be seen. */
export async function lockHolder(
  root: string,
  by: Pick<Locker, 'base' | 'uid' | 'now'>,
): Promise<LockHolder | undefined> {
  const fd = openExisting(root, by);
  if (fd === undefined) return undefined;
  try {
    if ((await flock(fd, 'shared', 0)) !== 'busy') return undefined;
    return (root === '' ? readHolder(fd) : undefined) ?? { ...unknown, since: by.now() };
  } finally {
    closeSync(fd);
  }
}

const unknown = { pid: 0, startTime: 0, user: '', op: '', version: '' };

/** `vllmd install` by alice (pid 812, 3m) */
export function describeHolder(holder: LockHolder | undefined, now: number): string {
  if (holder === undefined || holder.pid === 0) return 'another vllmd';
  const who = `\`vllmd ${visible(holder.op)}\` by ${visible(holder.user)}`;
  if (holder.hasEnded === true)
    return `what ${who} has started (pid ${holder.pid}, which has ended)`;
  return `${who} (pid ${holder.pid}, ${formatDuration(now - holder.since)})`;
}

async function acquire(fd: number, root: string, request: LockRequest, by: Locker): Promise<void> {
  if (await isTaken(fd, MOMENT_S)) return;
  const holder = () => (root === '' ? readHolder(fd) : undefined);
  if (request.timeoutMs > 0) {
    request.onWait(holder());
    for (let left = request.timeoutMs / 1000; left > 0; left -= SLICE_S) {
      if (await isTaken(fd, Math.min(left, SLICE_S))) return;
    }
  }
  const where = root === '' ? '' : ` of ${root}`;
  throw new VllmdError(
    'locked',
    `${describeHolder(holder(), by.now())} holds the lock${where}`,
    'wait until it has ended, or let this one wait for it: --lock-timeout 60s',
  );
}

async function isTaken(fd: number, seconds: number): Promise<boolean> {
  const answer = await flock(fd, 'exclusive', seconds);
  if (answer !== 'no flock') return answer === 'taken';
  throw new VllmdError(
    'preflight',
    'flock is missing, so that nothing keeps two installs apart',
    'install the package util-linux',
  );
}

function tellHolder(fd: number, op: string, by: Locker): void {
  const { pid, user, version } = by;
  const startTime = startTimeOf(pid) ?? 0;
  const holder: LockHolder = { pid, startTime, user, op, version, since: by.now() };
  ftruncateSync(fd);
  try {
    writeSync(fd, `${JSON.stringify(holder)}\n`, 0);
  } catch (error) {
    // The lock holds without it, and what sets a host right must run on a full /run as well.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

function leave(fd: number, isMachine: boolean): void {
  try {
    if (isMachine) ftruncateSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readHolder(fd: number): LockHolder | undefined {
  const bytes = Buffer.alloc(MAX_HOLDER_BYTES);
  const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  const holder = parseHolder(text);
  if (holder === undefined || startTimeOf(holder.pid) === holder.startTime) return holder;
  return { ...holder, hasEnded: true };
}

/** Nothing stands there yet in the moment after another process has taken the lock. */
function parseHolder(text: string): LockHolder | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isHolder(data) ? data : undefined;
}

function isHolder(data: unknown): data is LockHolder {
  if (typeof data !== 'object' || data === null) return false;
  const fields = new Map(Object.entries(data));
  return (
    ['pid', 'startTime', 'since'].every((key) => Number.isSafeInteger(fields.get(key))) &&
    ['user', 'op', 'version'].every((key) => typeof fields.get(key) === 'string')
  );
}

/** The name of the program, in brackets, may hold anything: what follows is counted from its end. */
export function startTimeOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
