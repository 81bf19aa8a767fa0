import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A terminal with a shell in it, which shows this once it waits for keys. */
export const PROMPT = 'ready> ';

export type Terminal = {
  /** Presses keys and returns what the screen shows until the mark, without colours and cursor movements. */
  readonly press: (keys: string, until: RegExp) => Promise<string>;
  readonly close: () => void;
};

/** The shell's start-up files have to set PROMPT. */
export async function openTerminal(
  command: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Terminal> {
  const child = spawn('script', ['-qfec', `stty cols 250 rows 90; exec ${command}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', LC_ALL: 'C.UTF-8', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let look = (): void => {};
  child.stdout.on('data', (data) => {
    screen += data;
    look();
  });
  const shown = (until: RegExp) =>
    new Promise<string>((resolve) => {
      look = () => {
        const text = plainText(screen);
        if (!until.test(text)) return;
        look = () => {};
        resolve(text);
      };
      look();
    });
  await shown(new RegExp(PROMPT));
  return {
    press: (keys, until) => {
      screen = '';
      child.stdin.write(keys);
      return shown(until);
    },
    close: () => void child.stdin.end('\u0015exit\n'),
  };
}

const ESCAPE = '\u{1b}';
const invisible = new RegExp(String.raw`${ESCAPE}\[[\d;?]*[A-Za-z]|${ESCAPE}[=>]|[\x07\r]`, 'g');

function plainText(screen: string): string {
  return screen.replaceAll(invisible, '');
}

/** Undefined, or why a test cannot run here; in CI it must. */
export function missingProgram(name: string): string | undefined {
  if (process.env['CI'] !== undefined) return undefined;
  const isThere = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => existsSync(join(directory, name)));
  return isThere ? undefined : `there is no ${name} here`;
}
