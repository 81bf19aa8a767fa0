import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyProgram } from '../support/copy-program.ts';
import { FIXTURES } from '../support/fixtures.ts';
import { startProgram } from '../support/program.ts';

const config = `${FIXTURES}contract-example/vllmd.toml`;
const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

let directory = '';
let root = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-codes-`);
  chmodSync(directory, 0o755);
  // Where another account can read it, wherever the repository lies.
  copyProgram(directory);
  copyFileSync(config, `${directory}/vllmd.toml`);
  root = `${directory}/root`;
  mkdirSync(`${root}/etc/vllmd`, { recursive: true });
  mkdirSync(`${root}/home/sdake`, { recursive: true });
  writeFileSync(`${root}/etc/passwd`, 'sdake:x:1000:1000::/home/sdake:\n');
  writeFileSync(`${root}/etc/group`, 'kvm:x:110:\nsdake:x:1000:\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

type Ended = { readonly code: number | string; readonly stdout: string; readonly stderr: string };

function vllmd(argv: readonly string[], options: { readonly uid?: number } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const args = [`${directory}/vllmd.mjs`, ...argv];
    const own = { ...options, cwd: '/', env: { PATH: process.env['PATH'] } };
    execFile(process.execPath, args, own, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? String(error.signal)), stdout, stderr });
    });
  });
}

function install(...more: readonly string[]): readonly string[] {
  return ['install', '--root', root, '--config', `${directory}/vllmd.toml`, ...more];
}

/** What it says is about the failure, and nothing is installed. */
function expectRefused({ code, stderr }: Ended, wanted: number, says: string): void {
  expect({ code, stderr }).toEqual({ code: wanted, stderr: expect.stringContaining(says) });
  expect(stderr).not.toMatch(/this is a bug|^ {4}at /m);
  expect(existsSync(`${root}/etc/systemd`)).toBe(false);
}

test('the program ends with 3 for a config that is not valid', async () => {
  writeFileSync(`${directory}/vllmd.toml`, '[global]\nuser = 7\n');
  expectRefused(await vllmd(install('--dry-run')), 3, 'error[wrong-type]');
});

test('the program ends with 64 for an option that it does not have', async () => {
  expectRefused(await vllmd(install('--frobnicate')), 64, '--frobnicate: there is no such option');
});

test('the program waits for a config on standard input that comes late', async () => {
  const line = `sleep 0.5; cat ${config}`;
  const argv = ['-c', `(${line}) | ${process.execPath} ${directory}/vllmd.mjs validate -`];
  const { stdout } = await promisify(execFile)('sh', argv);
  expect(stdout).toBe('-: valid, 2 runtimes\n');
});

test('the program ends with 66 where there is no config', async () => {
  rmSync(`${directory}/vllmd.toml`);
  expectRefused(await vllmd(install('--dry-run')), 66, 'vllmd.toml does not exist');
});

test('the program ends with 6 where the host is not ready', async () => {
  rmSync(`${root}/etc/passwd`);
  const ended = await vllmd(install('--dry-run', '--detailed-exitcode'));
  expectRefused(ended, 6, 'sdake');
});

test('the program ends with 77 for whoever is not root', async () => {
  const ended = await vllmd(install(), isRoot ? { uid: nobody } : {});
  expectRefused(ended, 77, 'needs root');
});

test.skipIf(!isRoot)('the program ends with 5 for a file of somebody else’s', async () => {
  writeFileSync(`${root}/etc/vllmd/network.env`, 'of somebody else\n');
  expectRefused(await vllmd(install()), 5, 'conflict[foreign]');
  expect(readdirSync(`${root}/etc/vllmd`)).toEqual(['network.env']);
});

test.skipIf(!isRoot)('the program ends with 7 while another one has the lock', async () => {
  const holder = startProgram([
    '-e',
    `require('node:child_process').spawn('flock', ['-x', ${JSON.stringify(root)}, 'sh', '-c', 'echo taken; sleep 60'],
      { stdio: 'inherit' })`,
  ]);
  try {
    expect(await holder.line()).toBe('taken');
    expectRefused(await vllmd(install()), 7, 'holds the lock');
  } finally {
    process.kill(-holder.pid, 'SIGKILL');
    await once(holder.child, 'exit');
  }
});

test.skipIf(!isRoot)('the program ends with 0, 2, 5 and 8 on its way', async () => {
  const dryRun = install('--dry-run', '--detailed-exitcode');
  expect(await vllmd(dryRun)).toMatchObject({ code: 2 });
  expect(await vllmd(install())).toMatchObject({ code: 0 });
  expect(await vllmd(dryRun)).toMatchObject({ code: 0 });
  writeFileSync(`${root}/etc/vllmd/network.env`, 'mine\n');
  expect(await vllmd(dryRun)).toMatchObject({ code: 5 });
  writeFileSync(`${root}/var/lib/vllmd/install/journal.json`, '{"schema":1,');
  expect(await vllmd(install())).toMatchObject({ code: 8 });
});
