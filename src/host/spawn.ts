import {
  type SpawnOptions as ChildOptions,
  type ChildProcess,
  spawn as startChild,
} from 'node:child_process';
import { once } from 'node:events';
import { kill } from 'node:process';
import { programDirs } from '../core/facts/facts.ts';
import type { Ending } from '../core/llama/run/ending.ts';
import { asError } from './as-error.ts';
import { type CommandResult, TIMED_OUT } from './host.ts';
import { limitTime } from './limit-time.ts';
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
  // One that lives on would keep the output open: what it has started is ended too.
  const end = (signal: 'SIGTERM' | 'SIGKILL') => killGroup(child.pid, signal);
  const limit = timeoutMs === undefined ? undefined : limitTime(timeoutMs, end);
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
  argv: readonly string[],
  { env, output, cwd }: StartOptions,
): Promise<Started | { readonly why: string }> {
  try {
    return startedOf(await launch(argv, { env, cwd, stdio: ['ignore', output, output] }));
  } catch (error) {
    return { why: asError(error).message };
  }
}

export type TalkOptions = {
  /** All of its environment, in whose PATH it is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: string;
  readonly onOutput: (from: 'stdout' | 'stderr', chunk: Uint8Array) => void;
};

export type Talking = Started & {
  /** Its standard input ends: until then it stays open. */
  readonly endInput: () => void;
  /** All is said: nobody holds its output open, neither it nor what it has started. */
  readonly closed: Promise<unknown>;
  /** What it has started and left behind may hold its output open: that is not read any more. */
  readonly closeOutput: () => void;
};

/** Starts a program as `start` does, hands it a text and hears what it says, for as long as one likes. */
export async function talk(
  argv: readonly string[],
  { env, input, onOutput }: TalkOptions,
): Promise<Talking | { readonly why: string }> {
  try {
    const child = await launch(argv, { env, stdio: 'pipe' });
    const { stdin, stdout, stderr } = child;
    stdout?.on('data', (chunk: Uint8Array) => onOutput('stdout', chunk));
    stderr?.on('data', (chunk: Uint8Array) => onOutput('stderr', chunk));
    const closed = new Promise((resolve) => void child.once('close', resolve));
    // Whoever ends before he has read all of it tells so by his end.
    stdin?.on('error', () => undefined);
    stdin?.write(input);
    return {
      ...startedOf(child),
      closed,
      endInput: () => stdin?.end(),
      closeOutput: () => {
        for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
      },
    };
  } catch (error) {
    return { why: asError(error).message };
  }
}

/**
 * Runs a program that talks with whoever is at the terminal, an editor say, to its end: it has our terminal, our
 * environment, and gets the Ctrl-C that is pressed meanwhile. Why it could not be started, where it could not.
 */
export async function runOnTerminal(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ending | { readonly why: string }> {
  try {
    const child = startChild(file, args, { env, stdio: 'inherit' });
    const ended = once(child, 'exit');
    await once(child, 'spawn');
    const [exitCode, signal] = await ended;
    return { exitCode, signal };
  } catch (error) {
    return { why: asError(error).message };
  }
}

/** Throws where it cannot be started. */
async function launch(
  [file = '', ...args]: readonly string[],
  options: ChildOptions,
): Promise<ChildProcess> {
  const child = startChild(file, args, { ...options, detached: true });
  await once(child, 'spawn');
  return child;
}

function startedOf(child: ChildProcess): Started {
  const { pid } = child;
  return {
    pid: pid ?? 0,
    ended: new Promise<Ending>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    }),
    signal: (signal) => {
      const isThere = killGroup(pid, signal);
      return isThere && (signal !== 0 || isGroupAlive(pid ?? 0));
    },
    letGo: () => child.unref(),
  };
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
