import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIXTURES } from './support/fixtures.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
const config = `${FIXTURES}contract-example/vllmd.toml`;
const isRoot = process.geteuid?.() === 0;

let directory = '';
beforeEach(() => {
  expect(existsSync(program), 'dist/vllmd.mjs: npm run build').toBe(true);
  directory = mkdtempSync(`${tmpdir()}/vllmd-pty-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

type Pty = {
  /** Until it has been written, whatever comes after it. */
  readonly shows: (text: string) => Promise<void>;
  readonly press: (keys: string) => void;
  /** Its exit code, and all that the terminal has got. */
  readonly end: () => Promise<{ readonly code: number | null; readonly text: string }>;
};

/** The built program on a real terminal of 80 columns. */
function onTerminal(...argv: readonly string[]): Pty {
  const command = [process.execPath, program, ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfec', `stty cols 80 rows 24; exec ${command}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
  });
  let text = '';
  let look = () => {};
  child.stdout.on('data', (data) => {
    text += data;
    look();
  });
  const ended = once(child, 'close');
  return {
    shows: (wanted) =>
      new Promise((resolve) => {
        look = () => {
          if (text.includes(wanted)) resolve();
        };
        look();
      }),
    press: (keys) => void child.stdin.write(keys),
    end: async () => {
      const [code] = await ended;
      child.stdin.end();
      return { code, text };
    },
  };
}

test.skipIf(!isRoot)(
  'what is waited for is shown in one line, which is gone in the end',
  async () => {
    const root = `${directory}/root`;
    mkdirSync(`${root}/etc`, { recursive: true });
    writeFileSync(`${root}/etc/passwd`, 'sdake:x:1000:1000::/home/sdake:\n');
    const holder = spawn('flock', ['-x', root, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      const install = ['install', '--root', root, '--config', config, '--lock-timeout', '3'];
      const { code, text } = await onTerminal(...install).end();
      expect(code).toBe(7);
      expect(text).toContain('\r  waiting for the lock, 1 s of 3 s\u001b[K');
      const [, after = ''] = text.split('waiting up to 3 for another vllmd\r\n');
      const lines = after.split('\r\n').map((line) => line.slice(line.lastIndexOf('\r') + 1));
      expect(lines[0]).toBe(`\u001b[Kerror: another vllmd holds the lock of ${root}`);
    } finally {
      holder.kill();
    }
  },
);

test.skipIf(!isRoot).each(['q', '\u0003'])(
  'a watch on a terminal ends with the key %j, and the terminal is as before',
  async (key) => {
    const terminal = onTerminal('status', '--watch');
    await terminal.shows('q ends');
    terminal.press(key);
    const { code, text } = await terminal.end();
    expect(code).toBe(0);
    expect(text.startsWith('\u001b[?25l\u001b[?7l')).toBe(true);
    expect(text.endsWith('\u001b[?7h\u001b[?25h')).toBe(true);
    // A key that is pressed is not shown.
    expect(text.replace('; q ends', '')).not.toMatch(/q|\^C/);
  },
);

test('the help fits a terminal of 80 columns', async () => {
  const { code, text } = await onTerminal('install', '--help').end();
  expect(code).toBe(0);
  expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
