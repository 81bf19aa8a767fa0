import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { copyProgram } from '../support/copy-program.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = join(here, '../..');

/** What takes long to make is kept here between runs. */
export const cacheRoot =
  process.env['VLLMD_TEST_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vllmd-test');

/** What keeps tests of whole systems from running here, in one line. */
export function obstacleHere(): string | undefined {
  if (process.platform !== 'linux') return `they need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'they boot whole systems and need root';
  if (!existsSync('/etc/debian_version')) return 'they build their system with Debian’s tools';
  return undefined;
}

/** Fails where the program has not been built. */
export function expectBuilt(): void {
  const isBuilt = existsSync(join(repository, 'dist/vllmd.mjs'));
  expect(isBuilt, 'dist/vllmd.mjs: npm run build').toBe(true);
}

export type Share = {
  /** The folder of a tier, with lib.sh and stand-in/. */
  readonly tier: string;
  /** That of a case, with its run.sh. */
  readonly folder: string;
  /** The bundle of vm-check.ts. */
  readonly vmCheck: string;
};

/** Fills a folder with a case and what all cases of a tier share. */
export function stageShare(share: string, { tier, folder, vmCheck }: Share): void {
  cpSync(folder, share, { recursive: true });
  cpSync(join(tier, 'lib.sh'), join(share, 'lib.sh'));
  cpSync(join(here, 'assert.sh'), join(share, 'assert.sh'));
  cpSync(join(here, '../support/hostile-tokens.json'), join(share, 'hostile-tokens.json'));
  cpSync(join(tier, 'stand-in'), join(share, 'stand-in'), { recursive: true });
  cpSync(join(here, 'ch-remote'), join(share, 'stand-in/ch-remote'));
  cpSync(vmCheck, join(share, 'stand-in/vm-check.cjs'));
  copyProgram(share);
}

export type Ended = { readonly code: number; readonly output: string };

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Stands before its lines: `# lifecycle: 12 s: install`. */
  readonly name?: string;
};

/**
 * Runs a program to its end. Its lines on stderr such as `# 12 s: install` and `# again: ...` are shown at once, so that a
 * hang can be located.
 */
export function run(
  file: string,
  args: readonly string[],
  { env = {}, name }: RunOptions = {},
): Promise<Ended> {
  const label = name === undefined ? '' : `${name}: `;
  return new Promise((resolve) => {
    const options = { maxBuffer: 64 * 2 ** 20, env: { ...process.env, ...env } };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      // A number where the program ran; a name such as ENOENT where it could not be started.
      const code = typeof error?.code === 'number' ? error.code : 127;
      resolve({ code: error === null ? 0 : code, output: `${stdout}${stderr}` });
    });
    let rest = '';
    child.stderr?.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, text] = /^# ((?:\d+ s|again): .*)/.exec(line.trimEnd()) ?? [];
        if (text !== undefined) process.stderr.write(`# ${label}${text}\n`);
      }
    });
  });
}

export async function mustRun(file: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(file, args);
  expect(code, output).toBe(0);
}

/** Lines with a prefix; a serial line ends them with a carriage return too. */
export function linesOf(output: string, prefix: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.startsWith(prefix));
}

export function tailOf(file: string, count: number): string {
  return textOf(file).split('\n').slice(-count).join('\n');
}

export function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
