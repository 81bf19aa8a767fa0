import { programDirs } from '../core/facts/facts.ts';
import type { CommandResult } from './host.ts';

/**
 * The one place that starts programs: argv, a time limit, no shell, plain C output, and only the system's own
 * directories to find a program in, whatever the caller's PATH is.
 * Loads its library when first used.
 */
export async function spawn(argv: readonly string[], timeoutMs: number): Promise<CommandResult> {
  const { execa } = await import('execa');
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError('spawn needs a program');
  const result = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: timeoutMs,
    env: { PATH: programDirs.join(':'), LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
  });
  if (result.timedOut) {
    return {
      exitCode: 124,
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
