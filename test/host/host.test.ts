import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyModel } from '../support/gguf.ts';
import { toldBy } from '../support/tally.ts';
import { bundleRuntime, bundleVmCheck } from '../system/bundle.ts';
import {
  cacheRoot,
  expectBuilt,
  linesOf,
  mustRun,
  obstacleHere,
  run,
  stageShare,
  tailOf,
  textOf,
} from '../system/run.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = join(here, '../..');
type Case = {
  readonly name: string;
  /** Guards against a case that ends early and has nothing to complain about. */
  readonly atLeast: number;
  readonly leavesNothing: boolean;
  /** What it counts, and must: `# kills survived: 40`. */
  readonly counts?: readonly string[];
  /** That a boot may take. */
  readonly seconds?: number;
};

/** Some run side by side, in this order: what takes longest begins first. */
const cases: readonly Case[] = [
  {
    name: 'kill-points',
    atLeast: 60,
    leavesNothing: false,
    counts: ['kills survived', 'full disks survived'],
    seconds: 1500,
  },
  {
    name: 'hostile-user',
    atLeast: 60,
    leavesNothing: false,
    counts: ['swaps while installing'],
    seconds: 1200,
  },
  { name: 'lifecycle', atLeast: 90, leavesNothing: true },
  { name: 'failed-start', atLeast: 60, leavesNothing: false },
  { name: 'operator', atLeast: 35, leavesNothing: false },
  { name: 'names', atLeast: 16, leavesNothing: true },
  { name: 'llama', atLeast: 65, leavesNothing: true },
  { name: 'llama-real', atLeast: 17, leavesNothing: false },
  { name: 'hive', atLeast: 41, leavesNothing: false },
  { name: 'fleet', atLeast: 73, leavesNothing: false },
  { name: 'symlink-attack', atLeast: 40, leavesNothing: false },
  { name: 'disk', atLeast: 24, leavesNothing: false },
  { name: 'network', atLeast: 38, leavesNothing: false },
  { name: 'guest-llama', atLeast: 18, leavesNothing: false },
  { name: 'hugepages', atLeast: 20, leavesNothing: true },
  { name: 'vfio', atLeast: 26, leavesNothing: false },
  { name: 'transaction', atLeast: 57, leavesNothing: false },
  { name: 'restarts', atLeast: 38, leavesNothing: false },
  { name: 'drift', atLeast: 84, leavesNothing: false },
  { name: 'generations', atLeast: 50, leavesNothing: true },
  { name: 'confirm', atLeast: 60, leavesNothing: true },
  { name: 'locking', atLeast: 48, leavesNothing: false },
  { name: 'package', atLeast: 66, leavesNothing: false },
  { name: 'recovery', atLeast: 89, leavesNothing: true },
];

const isCount = /^# ([a-z ]+): (\d+)$/;
/** What the README calls what it tells the number of. */
const unitOf = new Map([
  ['kills survived', 'kills'],
  ['full disks survived', 'disks'],
]);
/** A boot that hangs is ended long before. */
const LIMIT_MS = 3_600_000;

const obstacle = obstacleHere();
if (obstacle !== undefined && process.env['CI'] === undefined) {
  process.stderr.write(`host tests skipped: ${obstacle}\n`);
}

// In CI they must run: there an obstacle is a failure, not an excuse.
describe.skipIf(obstacle !== undefined && process.env['CI'] === undefined)('on a host', () => {
  let work = '';

  beforeAll(async () => {
    expect(obstacle).toBeUndefined();
    expectBuilt();
    await mustRun(join(here, 'prereq.sh'), []);
    await mustRun(join(here, 'build-tree.sh'), [cacheRoot]);
    await mustRun(join(repository, 'test/llama/prereq.sh'), []);
    work = mkdtempSync(join(tmpdir(), 'vllmd-host-test-'));
    await bundleVmCheck(join(work, 'vm-check.cjs'));
    await bundleRuntime(join(work, 'runtime.cjs'));
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

  test.concurrent.each(cases)(
    '$name',
    async ({ name, atLeast, leavesNothing, counts: counted = [], seconds = 600 }) => {
      const out = join(work, `out-${name}`);
      const { code, output } = await run(
        join(here, 'container.sh'),
        [cacheRoot, stage(work, name), out],
        { env: { HOST_TEST_TIMEOUT: String(seconds) }, name },
      );
      const report = reportOf(out, output);
      const counts = countsIn(output);
      for (const [label, count] of counts) process.stderr.write(`# ${name}: ${label}: ${count}\n`);

      expect(linesOf(output, 'not ok - '), report).toEqual([]);
      expect(code, report).toBe(0);
      expect(linesOf(output, 'ok - ').length, report).toBeGreaterThanOrEqual(atLeast);
      expect([...counts.keys()], report).toEqual(counted);
      for (const [label, count] of counts) expectTold(label, count);
      if (leavesNothing) expect(textOf(join(out, 'changed-files')), report).toBe('');
    },
    LIMIT_MS,
  );
});

function countsIn(output: string): ReadonlyMap<string, number> {
  const pairs = linesOf(output, '# ').flatMap((line) => {
    const [, label, count] = isCount.exec(line) ?? [];
    return label === undefined ? [] : [[label, Number(count)] as const];
  });
  return new Map(pairs);
}

/** Where the README tells how many, no fewer may they become. */
function expectTold(label: string, count: number): void {
  const unit = unitOf.get(label);
  if (unit === undefined) return;
  expect(count, label).toBeGreaterThanOrEqual(toldBy('npm run test:host', unit).count);
}

/** The case's folder, with what all cases share beside its run.sh. */
function stage(work: string, name: string): string {
  const share = join(work, `share-${name}`);
  stageShare(share, {
    tier: here,
    folder: join(here, 'cases', name),
    vmCheck: join(work, 'vm-check.cjs'),
  });
  cpSync(join(repository, 'fixtures/contract-example/vllmd.toml'), join(share, 'vllmd.toml'));
  if (name === 'fleet') {
    cpSync(join(work, 'runtime.cjs'), join(share, 'runtime.cjs'));
    cpSync(join(here, 'cases/llama/llama-server.mjs'), join(share, 'llama-server.mjs'));
  }
  if (name === 'package') stagePackages(share);
  if (name === 'llama-real' || name === 'hive') {
    cpSync(join(cacheRoot, 'llama'), join(share, 'llama'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    writeFileSync(join(share, 'small.gguf'), tinyModel());
  }
  return share;
}

/** The packages of this build, and one of a higher version. */
function stagePackages(share: string): void {
  const out = join(share, 'release');
  execFileSync(process.execPath, [
    join(repository, 'scripts/package.mjs'),
    '--without-executable',
    '--out',
    out,
  ]);
  const { version } = JSON.parse(textOf(join(repository, 'package.json')));
  writeFileSync(join(share, 'version'), version);
  for (const name of ['vllmd', 'vllmd-hive-sqlite']) {
    const [file = ''] = readdirSync(out).filter((found) => found.startsWith(`${name}_`));
    cpSync(join(out, file), join(share, `${name}.deb`));
  }
  rmSync(out, { recursive: true });
  cpSync(join(here, '../system/nodejs-package.sh'), join(share, 'nodejs-package.sh'));
  const unpacked = join(share, 'unpacked');
  execFileSync('dpkg-deb', ['-R', join(share, 'vllmd.deb'), unpacked]);
  const control = join(unpacked, 'DEBIAN/control');
  writeFileSync(control, textOf(control).replace(/^Version: .*/m, `$&.1`));
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', unpacked, join(share, 'vllmd-higher.deb')]);
  rmSync(unpacked, { recursive: true });
}

/** Shown when a case fails: its log, what it left, and the end of each boot's journal. */
function reportOf(out: string, output: string): string {
  const journals = readdirSync(out).filter((name) => name.startsWith('journal.'));
  const tails = journals.map((name) => `--- ${name}\n${tailOf(join(out, name), 60)}`);
  return [output, '--- changed-files', textOf(join(out, 'changed-files')), ...tails].join('\n');
}
