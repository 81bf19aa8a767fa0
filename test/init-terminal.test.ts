import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { FIXTURES, fixtureHost } from './support/fixtures.ts';
import { testWorld } from './support/world.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
/** Of util-linux: runs a program in a terminal of its own, which has no size, as that of a serial line. */
const hasScript = spawnSync('script', ['--version']).status === 0;

let directory = '';
beforeEach(async () => {
  expect(existsSync(program), 'dist/vllmd.mjs: npm run build').toBe(true);
  directory = mkdtempSync(`${tmpdir()}/vllmd-init-`);
  const cwd = `${FIXTURES}host-two-numa-nodes`;
  const world = testWorld(await fixtureHost('host-two-numa-nodes'), { cwd });
  await run(['facts', '--config', 'vllmd.toml'], world);
  writeFileSync(`${directory}/facts.json`, world.out());
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Presses a key whenever the terminal shows a new question. */
async function inTerminal(keys: readonly (readonly [question: string, key: string])[]) {
  const argv = [process.execPath, program, 'init', '--facts', 'facts.json', '-o', 'config.toml'];
  const child = spawn('script', ['-qec', argv.join(' '), '/dev/null'], {
    cwd: directory,
    env: { ...process.env, TERM: 'xterm', COLUMNS: '', LINES: '' },
  });
  let seen = '';
  child.stdout.on('data', (data) => {
    seen += String(data);
  });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const [question, key] of keys) {
    while (!seen.includes(question) && child.exitCode === null) await wait(10);
    child.stdin.write(key);
  }
  return { code: await code, seen };
}

const questions = [
  'Which GPUs',
  'Which account',
  'By which interface',
  'Take memory',
  'Write this',
];

test.skipIf(!hasScript)('init asks on a real terminal, even on one without a size', async () => {
  const { code, seen } = await inTerminal(questions.map((question) => [question, '\r'] as const));
  expect(code, seen).toBe(0);
  expect(readFileSync(`${directory}/config.toml`, 'utf8')).toContain('name = "gpu-4"');
  expect(seen).toContain('vllmd install --dry-run --config config.toml');
});

test.skipIf(!hasScript)('Ctrl-C on a real terminal leaves nothing behind', async () => {
  const { code } = await inTerminal([
    ['Which GPUs', '\r'],
    ['Which account', '\u0003'],
  ]);
  expect(code).toBe(130);
  expect(existsSync(`${directory}/config.toml`)).toBe(false);
});
