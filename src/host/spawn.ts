import { kill } from 'node:process';
import { programDirs } from '../core/facts/facts.ts';
import { type CommandResult, TIMED_OUT } from './host.ts';

export type SpawnOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Is descriptor 3 of the program; it gets no other one of ours. */
  readonly descriptor?: number;
};

/** From the request to end until it is ended. */
const GRACE_MS = 5000;

/**
 * The one place that starts programs: argv, a time limit, no shell, plain C output, and only the system's own
 * directories to find a program in, whatever the caller's PATH is. Each has a session of its own, so that Ctrl-C in
 * the terminal and its end reach vllmd alone: a `systemctl` that was begun goes on.
 * Loads its library when first used.
 */
export async function spawn(
  argv: readonly string[],
  timeoutMs: number,
  { env = {}, descriptor }: SpawnOptions = {},
): Promise<CommandResult> {
  const { execa } = await import('execa');
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError('spawn needs a program');
  const child = execa(file, args, {
    reject: false,
    // The type of the library ends at 9, the library does not.
    stdio: ['ignore', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor as 3])],
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
  const limit = limitTime(child.pid, timeoutMs);
  const result = await child;
  limit.stop();
  if (limit.isOver()) {
    return {
      exitCode: TIMED_OUT,
      stdout: result.stdout,
      stderr: `${file} did not end within ${timeoutMs / 1000} s`,
    };
  }
  if (result.exitCode !== undefined) {
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }
  const exitCode = result.code === 'ENOENT' ? 127 : 126;
  return { exitCode, stdout: '', stderr: result.shortMessage ?? '' };
}

/** Ends the program and what it has started: one that lives on would keep the output open. */
function limitTime(pid: number | undefined, timeoutMs: number) {
  let isOver = false;
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    isOver = true;
    if (pid !== undefined) killGroup(pid, signal);
  };
  const timers = [
    setTimeout(end, timeoutMs, 'SIGTERM'),
    setTimeout(end, timeoutMs + GRACE_MS, 'SIGKILL'),
  ];
  return { isOver: () => isOver, stop: () => timers.forEach(clearTimeout) };
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    kill(-pid, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}
