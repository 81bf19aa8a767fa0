import { spawn as startChild } from 'node:child_process';
import { kill } from 'node:process';
import { programDirs } from '../core/facts/facts.ts';
import type { Ending } from '../core/llama/run/ending.ts';
import { asError } from './as-error.ts';
import { type CommandResult, TIMED_OUT } from './host.ts';
import { isGroupAlive } from './servers/group-alive.ts';

export type SpawnOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Is descriptor 3 of the program; it gets no other one of ours. */
  readonly descriptor?: number;
  /** Its output goes where ours goes, and is not collected. */
  readonly output?: 'inherit';
  /** Kills it when it is aborted, and throws then. For what may be cut off anywhere: it only reads. */
  readonly until?: AbortSignal | undefined;
};

export type Ended = CommandResult & {
  /** What has ended it, where it has not ended by itself. */
  readonly signal?: string;
};

/** From the request to end until it is ended. */
const GRACE_MS = 5000;

/**
 * Runs a program of the system to its end: argv, a time limit, no shell, plain C output, and only the system's own
 * directories to find a program in, whatever the caller's PATH is. Each has a session of its own, so that Ctrl-C in
 * the terminal and its end reach vllmd alone: a `systemctl` that was begun goes on.
 * `timeoutMs` undefined: it may run as long as it likes. Loads its library when first used.
 */
export async function spawn(
  argv: readonly string[],
  timeoutMs: number | undefined,
  { env = {}, descriptor, output, until }: SpawnOptions = {},
): Promise<Ended> {
  const { execa } = await import('execa');
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError('spawn needs a program');
  until?.throwIfAborted();
  const child = execa(file, args, {
    reject: false,
    // The type of the library ends at 9, the library does not.
    stdio: [
      'ignore',
      output ?? 'pipe',
      'pipe',
      ...(descriptor === undefined ? [] : [descriptor as 3]),
    ],
    stripFinalNewline: false,
    detached: true,
    cleanup: false,
    env: {
      ...env,
      PATH: programDirs.join(':'),
      LC_ALL: 'C',
      SYSTEMD_COLORS: '0',
      SYSTEMD_PAGER: '',
    },
  });
  const limit = timeoutMs === undefined ? undefined : limitTime(child.pid, timeoutMs);
  const stop = () => killGroup(child.pid, 'SIGKILL');
  until?.addEventListener('abort', stop, { once: true });
  const result = await child;
  until?.removeEventListener('abort', stop);
  limit?.stop();
  until?.throwIfAborted();
  const { stdout = '', stderr = '' } = result;
  if (limit?.isOver() === true) {
    return {
      exitCode: TIMED_OUT,
      stdout,
      stderr: `${file} did not end within ${(timeoutMs ?? 0) / 1000} s`,
    };
  }
  if (result.exitCode !== undefined) return { exitCode: result.exitCode, stdout, stderr };
  const exitCode = result.code === 'ENOENT' ? 127 : 126;
  const { signal } = result;
  return {
    exitCode,
    stdout: '',
    stderr: result.shortMessage ?? '',
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Ends the program and what it has started: one that lives on would keep the output open. */
function limitTime(pid: number | undefined, timeoutMs: number) {
  let isOver = false;
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    isOver = true;
    killGroup(pid, signal);
  };
  const timers = [
    setTimeout(end, timeoutMs, 'SIGTERM'),
    setTimeout(end, timeoutMs + GRACE_MS, 'SIGKILL'),
  ];
  return { isOver: () => isOver, stop: () => timers.forEach(clearTimeout) };
}

export type StartOptions = {
  /** All of its environment: nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Descriptor that it writes to; it keeps it, whatever becomes of ours. */
  readonly output: number;
  readonly cwd: string;
};

type StopRequest = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** A program that goes on while others are looked after. */
export type Started = {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Sends a signal to it and to what it has started; false: nobody of them runs any more. `0` only looks. */
  readonly signal: (signal: StopRequest | 0) => boolean;
  /** We may end before it does. */
  readonly letGo: () => void;
};

/**
 * Starts a program that runs for as long as it likes, in a session of its own: no terminal ends it, nor our end. Its
 * path is absolute. Why it could not be started, where it could not.
 */
export async function start(
  [file = '', ...args]: readonly string[],
  { env, output, cwd }: StartOptions,
): Promise<Started | { readonly why: string }> {
  try {
    const child = startChild(file, args, {
      env,
      cwd,
      detached: true,
      stdio: ['ignore', output, output],
    });
    const ended = new Promise<Ending>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const { pid } = child;
    return {
      pid: pid ?? 0,
      ended,
      signal: (signal) => {
        const isThere = killGroup(pid, signal);
        return isThere && (signal !== 0 || isGroupAlive(pid ?? 0));
      },
      letGo: () => child.unref(),
    };
  } catch (error) {
    return { why: asError(error).message };
  }
}

/** undefined: it has never started. Whether somebody of the group was there. */
function killGroup(pid: number | undefined, signal: StopRequest | 0): boolean {
  if (pid === undefined) return false;
  try {
    return kill(-pid, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
    return false;
  }
}
