import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleVmCheck } from '../stand-in/bundle.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = join(here, '../..');
const cache =
  process.env['VLLMD_TEST_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vllmd-test');

/** `atLeast` guards against a case that ends early and has nothing to complain about. */
const cases = [
  { name: 'lifecycle', atLeast: 90, leavesNothing: true },
  { name: 'failed-start', atLeast: 15, leavesNothing: false },
  { name: 'operator', atLeast: 35, leavesNothing: false },
  { name: 'names', atLeast: 14, leavesNothing: true },
  { name: 'symlink-attack', atLeast: 40, leavesNothing: false },
  { name: 'disk', atLeast: 24, leavesNothing: false },
  { name: 'network', atLeast: 38, leavesNothing: false },
  { name: 'hugepages', atLeast: 20, leavesNothing: true },
  { name: 'vfio', atLeast: 26, leavesNothing: false },
];

const obstacle = whyNot();
if (obstacle !== undefined && process.env['CI'] === undefined) {
  process.stderr.write(`host tests skipped: ${obstacle}\n`);
}

// In CI they must run: there an obstacle is a failure, not an excuse.
describe.skipIf(obstacle !== undefined && process.env['CI'] === undefined)('on a host', () => {
  let work = '';

  beforeAll(async () => {
    expect(obstacle).toBeUndefined();
    expect(existsSync(join(repository, 'dist/vllmd.mjs')), 'dist/vllmd.mjs: npm run build').toBe(
      true,
    );
    await mustRun(join(here, 'prereq.sh'), []);
    await mustRun(join(here, 'build-tree.sh'), [cache]);
    work = mkdtempSync(join(tmpdir(), 'vllmd-host-test-'));
    await bundleVmCheck(join(work, 'vm-check.cjs'));
  });

  afterAll(() => {
    // Kept for a look where the caller asks for it, as CI does to keep the logs.
    if (work !== '' && process.env['VLLMD_TEST_KEEP'] === undefined) {
      rmSync(work, { recursive: true });
    }
  });

  test('every case is listed here', () => {
    const names = cases.map(({ name }) => name).sort();
    expect(readdirSync(join(here, 'cases')).sort()).toEqual(names);
  });

  test.each(cases)('$name', async ({ name, atLeast, leavesNothing }) => {
    const out = join(work, `out-${name}`);
    const { code, output } = await run(join(here, 'container.sh'), [cache, stage(work, name), out]);
    const report = reportOf(out, output);

    expect(linesOf(output, 'not ok - '), report).toEqual([]);
    expect(code, report).toBe(0);
    expect(linesOf(output, 'ok - ').length, report).toBeGreaterThanOrEqual(atLeast);
    if (leavesNothing) expect(textOf(join(out, 'changed-files')), report).toBe('');
  });
});

/** What keeps these tests from running here, in one line. */
function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `they need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'they boot a container and need root';
  if (!existsSync('/etc/debian_version')) return 'they build their container with Debian’s tools';
  return undefined;
}

/** The case's folder, with what all cases share beside its run.sh. */
function stage(work: string, name: string): string {
  const share = join(work, `share-${name}`);
  cpSync(join(here, 'cases', name), share, { recursive: true });
  cpSync(join(here, 'lib.sh'), join(share, 'lib.sh'));
  cpSync(join(here, 'stand-in'), join(share, 'stand-in'), { recursive: true });
  cpSync(join(work, 'vm-check.cjs'), join(share, 'stand-in/vm-check.cjs'));
  cpSync(join(repository, 'dist/vllmd.mjs'), join(share, 'vllmd.mjs'));
  cpSync(join(repository, 'fixtures/contract-example/vllmd.toml'), join(share, 'vllmd.toml'));
  return share;
}

type Ended = { readonly code: number; readonly output: string };

function run(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      // A number where the program ran; a name such as ENOENT where it could not be started.
      const code = typeof error?.code === 'number' ? error.code : 127;
      resolve({ code: error === null ? 0 : code, output: `${stdout}${stderr}` });
    });
  });
}

async function mustRun(file: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(file, args);
  expect(code, output).toBe(0);
}

function linesOf(output: string, prefix: string): readonly string[] {
  return output.split('\n').filter((line) => line.startsWith(prefix));
}

/** Shown when a case fails: its log, what it left, and the end of each boot's journal. */
function reportOf(out: string, output: string): string {
  const journals = readdirSync(out).filter((name) => name.startsWith('journal.'));
  const tails = journals.map((name) => `--- ${name}\n${tailOf(join(out, name), 60)}`);
  return [output, '--- changed-files', textOf(join(out, 'changed-files')), ...tails].join('\n');
}

function tailOf(file: string, count: number): string {
  return textOf(file).split('\n').slice(-count).join('\n');
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
