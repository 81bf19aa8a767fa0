import { execFileSync } from 'node:child_process';

/** What a real bash makes of a command that ends its words with NUL. Its environment is empty but for the search path. */
export function bashOutput(command: string): string {
  return execFileSync('bash', ['-c', 'eval "$(cat)" </dev/null'], {
    input: command,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** The words that `printf '%s\0'` gets. */
export function bashWords(words: string): readonly string[] {
  return bashOutput(`printf '%s\\0' ${words}`).split('\0').slice(0, -1);
}
