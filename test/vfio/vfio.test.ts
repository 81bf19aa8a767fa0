import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleVmCheck } from '../system/bundle.ts';
import {
  cacheRoot,
  expectBuilt,
  linesOf,
  mustRun,
  obstacleHere,
  run,
  stageShare,
  tailOf,
} from '../system/run.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = join(cacheRoot, 'vfio');

/**
 * Machines that are tried again because a guest in them gave up by itself, or has not come up: a second time it is
 * believed, and what vllmd does to a guest it does again. That QEMU's emulation of AMD-V breaks a machine's kernel is
 * machine.sh's business: now and then it takes an interrupt right behind a VMRUN, where it is masked, and the machine
 * panics below svm_vcpu_run.
 */
const MAX_AGAIN = 2;

type Case = {
  readonly name: string;
  /** The folder below cases/. */
  readonly folder: string;
  /** Guards against a case that ends early and has nothing to complain about. */
  readonly atLeast: number;
  /** How the machine differs; see machine.sh. */
  readonly machine?: Readonly<Record<string, string>>;
};

const nodes = [
  ...['-object memory-backend-ram,id=node0,size=1536M', '-numa node,nodeid=0,cpus=0,memdev=node0'],
  ...['-object memory-backend-ram,id=node1,size=3072M', '-numa node,nodeid=1,cpus=1,memdev=node1'],
  // A second root complex, near node 1, with one GPU: 81:00.0
  '-device pxb-pcie,id=far,bus_nr=0x80,numa_node=1,bus=pcie.0,addr=0x18',
  '-device pcie-root-port,id=rpfar,chassis=99,bus=far',
  '-device bochs-display,bus=rpfar,addr=0.0',
].join(' ');

const cases: readonly Case[] = [
  {
    name: 'no IOMMU',
    folder: 'refused',
    atLeast: 6,
    machine: { VFIO_TEST_IOMMU: '' },
  },
  {
    name: 'IOMMU switched off',
    folder: 'refused',
    atLeast: 6,
    machine: { VFIO_TEST_APPEND: 'intel_iommu=off' },
  },
  {
    name: 'no interrupt remapping',
    folder: 'refused',
    atLeast: 6,
    machine: { VFIO_TEST_IOMMU: '-device intel-iommu,intremap=off,caching-mode=on' },
  },
  {
    name: 'two NUMA nodes and huge pages',
    folder: 'numa',
    atLeast: 22,
    machine: { VFIO_TEST_QEMU: nodes, VFIO_TEST_MEMORY: '4608' },
  },
  { name: 'passthrough', folder: 'passthrough', atLeast: 105 },
  {
    name: 'power cuts',
    folder: 'power-cut',
    atLeast: 62,
    machine: { VFIO_TEST_POWER_CUTS: '1', VFIO_TEST_BOOTS: '6' },
  },
];

const obstacle = whyNot();
if (obstacle !== undefined && process.env['CI'] === undefined) {
  process.stderr.write(`VM tests skipped: ${obstacle}\n`);
}

// In CI they must run: there an obstacle is a failure, not an excuse.
describe.skipIf(obstacle !== undefined && process.env['CI'] === undefined)('with VFIO', () => {
  let work = '';
  let triedAgain = 0;

  beforeAll(async () => {
    expect(obstacle).toBeUndefined();
    expectBuilt();
    await mustRun(join(here, 'prereq.sh'), []);
    await mustRun(join(here, 'build-image.sh'), [cache]);
    work = mkdtempSync(join(tmpdir(), 'vllmd-vfio-test-'));
    await bundleVmCheck(join(work, 'vm-check.cjs'));
  });

  afterAll(() => {
    // Kept for a look where the caller asks for it, as CI does to keep the logs.
    if (work !== '' && process.env['VLLMD_TEST_KEEP'] === undefined) {
      rmSync(work, { recursive: true });
    }
    process.stderr.write(`# cases tried again: ${triedAgain}\n`);
  });

  test('every case is listed here', () => {
    const folders = new Set(cases.map(({ folder }) => folder));
    expect(readdirSync(join(here, 'cases')).sort()).toEqual([...folders].sort());
  });

  test.each(cases)('$name', async ({ name, folder, atLeast, machine = {} }) => {
    const out = join(work, `out-${name.replaceAll(' ', '-')}`);
    const args = [cache, stage(work, folder), out];
    const boot = () => run(join(here, 'machine.sh'), args, { env: machine, name });
    let ended = await boot();
    const [gaveUp] =
      ended.code === 0 ? [] : [...inJournals(out, GUEST_ENDED), ...silentIn(ended.output)];
    if (gaveUp !== undefined && triedAgain < MAX_AGAIN) {
      triedAgain += 1;
      process.stderr.write(`# ${name}: again: ${gaveUp}\n`);
      ended = await boot();
    }
    // They have booted again, as they should; nobody should have to guess that they did.
    for (const line of inJournals(out, GUEST_RESET)) process.stderr.write(`# ${name}: ${line}\n`);
    const { code, output } = ended;
    const report = reportOf(out, output);

    expect(linesOf(output, 'not ok - '), report).toEqual([]);
    expect(code, report).toBe(0);
    expect(linesOf(output, 'ok - ').length, report).toBeGreaterThanOrEqual(atLeast);
  });
});

/** What the stand-in says of a guest that gave up by itself, and of one that reset itself. */
const GUEST_ENDED = 'stand-in: guest ended, and nobody asked it to';
const GUEST_RESET = 'stand-in: QEMU: RESET';

function inJournals(out: string, text: string): readonly string[] {
  return logsOf(out)
    .filter((name) => name.startsWith('journal.'))
    .flatMap((name) => readFileSync(join(out, name), 'utf8').split('\n'))
    .filter((line) => line.includes(text));
}

/** What lib.sh says of a guest that runs and does not come up: now and then its emulation comes to a stop. */
function silentIn(output: string): readonly string[] {
  return linesOf(output, 'not ok - guest ').filter((line) => line.endsWith(' is ready'));
}

/** None where the machine has not even been started. */
function logsOf(out: string): readonly string[] {
  return existsSync(out) ? readdirSync(out) : [];
}

/** What keeps these tests from running here, in one line. */
function whyNot(): string | undefined {
  if (process.arch !== 'x64') return `their machine is an x86 one, this is ${process.arch}`;
  return obstacleHere();
}

/** The case's folder, with what all cases share beside its run.sh. */
function stage(work: string, folder: string): string {
  const share = mkdtempSync(join(work, `share-${folder}-`));
  stageShare(share, {
    tier: here,
    folder: join(here, 'cases', folder),
    vmCheck: join(work, 'vm-check.cjs'),
  });
  for (const file of ['vmlinuz', 'nested.cpio']) cpSync(join(cache, file), join(share, file));
  return share;
}

/** Shown when a case fails: its log, and the end of each boot's journal and console. */
function reportOf(out: string, output: string): string {
  const tails = logsOf(out)
    .filter((name) => /^(journal|console|broken|qemu)\./.test(name))
    .map((name) => `--- ${name}\n${tailOf(join(out, name), 60)}`);
  return [output, ...tails].join('\n');
}
