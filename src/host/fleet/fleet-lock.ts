import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readlinkSync,
  readSync,
  writeSync,
} from 'node:fs';
import { visible } from '../../core/control-characters.ts';
import { VllmdError } from '../../core/failure.ts';
import { instant } from '../../core/instant.ts';
import { isAbsence } from '../absence.ts';
import { flock } from '../flock.ts';
import { type Lock, startTimeOf } from '../lock.ts';
import { makeStateDirectory } from './state-directory.ts';
import { mustBeRegular, stateFailure } from './state-file.ts';

/** As it stands in the lock file, for the message alone: the lock is that of the open file. */
type FleetLockHolder = {
  readonly pid: number;
  /** Of the process, in clock ticks since boot: a pid can be used again. */
  readonly startTime: number;
  /** RFC 3339. */
  readonly since: string;
  readonly model: string;
};

/** A select that is at work. */
export type FleetLockWork = {
  /** `PID 812: select of qwen, since 2026-11-26T14:00:00Z` */
  readonly text: string;
  /** undefined: it is not told. */
  readonly holder: Pick<FleetLockHolder, 'pid' | 'since' | 'model'> | undefined;
};

export type FleetLockRequest = {
  readonly modelId: string;
  /** How long to wait for another process; 0 is hardly at all. */
  readonly waitMs: number;
  /** Called once, when it has to wait longer than a moment. */
  readonly onWait: (who: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Two that begin at once: the second one need not fail for a look of the first. */
const MOMENT_S = 0.5;
/** A wait is made of short ones: one that is cut off leaves a `flock` behind for no longer. */
const SLICE_S = 2;
const MAX_HOLDER_BYTES = 4096;

/** The right to start and stop runtimes of this account. It ends with the process, however that ends. */
export async function takeFleetLock(
  directory: string,
  uid: number,
  request: FleetLockRequest,
): Promise<Lock> {
  makeStateDirectory(directory, uid);
  // Closed in whatever is started: a runtime that kept it would hold the lock for as long as it runs.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openLock(directory, flags);
  try {
    await acquire(fd, request);
    tellHolder(fd, request);
  } catch (error) {
    closeSync(fd);
    throw stateFailure(error, 'write', lockPath(directory));
  }
  let isHeld = true;
  return {
    release: () => {
      if (isHeld) leave(fd);
      isHeld = false;
    },
  };
}

/** Who has the lock at the moment; undefined: nobody. Makes nothing and never waits. */
export async function fleetLockHolder(directory: string): Promise<FleetLockWork | undefined> {
  let fd: number;
  try {
    fd = openLock(directory, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof VllmdError && isAbsence(error.cause)) return undefined;
    throw error;
  }
  try {
    if ((await flock(fd, 'shared', 0)) !== 'busy') return undefined;
    const holder = readHolder(fd);
    return { text: describe(holder), holder };
  } finally {
    closeSync(fd);
  }
}

function openLock(directory: string, flags: number): number {
  const path = lockPath(directory);
  let fd: number;
  try {
    fd = openSync(path, flags, 0o600);
  } catch (error) {
    throw stateFailure(error, 'open', path);
  }
  try {
    mustBeRegular(fd, 'open', path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function lockPath(directory: string): string {
  return `${directory}/runtime.lock`;
}

async function acquire(fd: number, { waitMs, onWait }: FleetLockRequest): Promise<void> {
  if (await isTaken(fd, MOMENT_S)) return;
  if (waitMs > 0) {
    onWait(describe(readHolder(fd)));
    for (let left = waitMs / 1000; left > 0; left -= SLICE_S) {
      if (await isTaken(fd, Math.min(left, SLICE_S))) return;
    }
  }
  throw new VllmdError(
    'locked',
    `Runtime lock held by ${describe(readHolder(fd))}`,
    'wait until it has ended, or let this one wait for it: --wait-lock 60; a process that lives is never deprived of it, with --force neither',
  );
}

async function isTaken(fd: number, seconds: number): Promise<boolean> {
  const answer = await flock(fd, 'exclusive', seconds);
  if (answer !== 'no flock') return answer === 'taken';
  throw new VllmdError(
    'preflight',
    'flock is missing, so that nothing keeps two selections apart',
    'install the package util-linux',
  );
}

function tellHolder(fd: number, { modelId, now }: FleetLockRequest): void {
  const pid = Number(readlinkSync('/proc/self'));
  const startTime = startTimeOf(pid) ?? 0;
  const holder: FleetLockHolder = { pid, startTime, since: instant(now()), model: modelId };
  ftruncateSync(fd);
  try {
    writeSync(fd, `${JSON.stringify(holder)}\n`, 0);
  } catch (error) {
    // The lock holds without it.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

function leave(fd: number): void {
  try {
    ftruncateSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** `PID 812: select of qwen, since 2026-11-26T14:00:00Z` */
function describe(holder: FleetLockHolder | undefined): string {
  if (holder === undefined) return 'another vllmd';
  const { pid, model, since } = holder;
  return `PID ${pid}: select of ${visible(model)}, since ${visible(since)}`;
}

/** undefined: nothing stands there yet, a moment after another process has taken the lock, or it is not of this one. */
function readHolder(fd: number): FleetLockHolder | undefined {
  const bytes = Buffer.alloc(MAX_HOLDER_BYTES);
  const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isHolder(data)) return undefined;
  return startTimeOf(data.pid) === data.startTime ? data : undefined;
}

function isHolder(data: unknown): data is FleetLockHolder {
  if (typeof data !== 'object' || data === null) return false;
  const fields = new Map(Object.entries(data));
  return (
    ['pid', 'startTime'].every((key) => Number.isSafeInteger(fields.get(key))) &&
    ['since', 'model'].every((key) => typeof fields.get(key) === 'string')
  );
}
