import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIXTURES } from './support/fixtures.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));

let directory = '';
let root = '';
beforeEach(() => {
  expect(existsSync(program), 'dist/vllmd.mjs: npm run build').toBe(true);
  directory = mkdtempSync(`${tmpdir()}/vllmd-output-`);
  root = `${directory}/root`;
  mkdirSync(`${root}/etc`, { recursive: true });
  mkdirSync(`${root}/home/sdake`, { recursive: true });
  writeFileSync(`${root}/etc/passwd`, 'sdake:x:1000:1000::/home/sdake:\n');
  writeFileSync(`${root}/etc/group`, 'kvm:x:110:\nsdake:x:1000:\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs vllmd with an output that goes to a device which is full. */
function run(argv: readonly string[], full: 'stdout' | 'stderr') {
  const fd = openSync('/dev/full', 'w');
  try {
    const stdio = (['stdout', 'stderr'] as const).map((name) => (name === full ? fd : 'pipe'));
    return spawnSync(process.execPath, [program, ...argv], {
      stdio: ['ignore', ...stdio],
      encoding: 'utf8',
    });
  } finally {
    closeSync(fd);
  }
}

const config = ['--config', `${FIXTURES}contract-example/vllmd.toml`];

const isRoot = process.geteuid?.() === 0;

test.skipIf(!isRoot).each(['stdout', 'stderr'] as const)(
  'an install is done, and says so, though its %s cannot be written',
  (full) => {
    const install = ['install', '--root', root, ...config];
    expect(run(install, full)).toMatchObject({ status: 0 });
    expect(existsSync(`${root}/var/lib/vllmd/install/manifest.json`)).toBe(true);
    expect(existsSync(`${root}/var/lib/vllmd/install/journal.json`)).toBe(false);
  },
);

test('a command that only tells something fails when that cannot be written', () => {
  const dryRun = ['install', '--dry-run', '--root', root, ...config];
  const { status, stderr } = run(dryRun, 'stdout');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: the output is not complete: ENOSPC.*\n$/m);
});
