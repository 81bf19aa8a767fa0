import { describe, expect, test, vi } from 'vitest';
import { install } from '../support/call.ts';
import type { Scenario } from '../support/scenarios.ts';
import { none, sweptProblems } from '../support/sweep.ts';
import type { Simulation } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';
import { textOf } from '../support/unit-files.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const record = '/var/lib/vllmd/install';
const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2/disk.raw';
const purge = install('/fewer.toml', '--purge-data', '2');
const confirmWithin = install('/memory.toml', '--confirm-within', '10m');

async function addDisk({ host }: Simulation): Promise<void> {
  await host.write(disk, 'data', { mode: 0o600, uid: 1000, gid: 1000 });
}

/** A disk outlives whatever could still come back to it. */
function purgedTooSoon({ entries }: Simulation): readonly string[] {
  const isWanted = entries.has('/etc/vllmd/runtime-2.env');
  return isWanted && !entries.has(disk)
    ? ['the disk of a runtime is gone that is still there']
    : [];
}

/** From the commit point on a reboot takes the install back, and so does the timer, unless the run has told otherwise. */
function waits({ entries, units }: Simulation, hasDied: boolean): readonly string[] {
  if (!textOf(entries, `${record}/manifest.json`).includes('"generation":2')) return [];
  const isArmed = units.get('vllmd-confirm.timer')?.active === 'active';
  return [
    ...(entries.has(`${record}/confirm.json`) ? [] : ['nothing waits for a confirmation']),
    ...(isArmed || !hasDied ? [] : ['no timer runs']),
  ];
}

const example = install('/example.toml');

const plans: readonly Scenario[] = [
  {
    name: '--purge-data',
    before: [example, addDisk],
    command: purge,
    converge: [purge, install('/fewer.toml')],
    together: [['2', 'shared']],
    holds: purgedTooSoon,
  },
  {
    name: 'uninstall --purge-data',
    before: [example, addDisk],
    command: ['uninstall', '--purge-data'],
    converge: [['uninstall', '--purge-data']],
    together: [['1', '2', 'shared']],
    holds: purgedTooSoon,
  },
  {
    name: '--confirm-within',
    before: [example],
    command: confirmWithin,
    converge: [['confirm'], install('/memory.toml')],
    together: [],
    settled: waits,
  },
  {
    name: 'rollback --unconfirmed',
    before: [example, confirmWithin],
    command: ['rollback', '--unconfirmed', '2', '--settle', '0'],
    converge: [['rollback', '--unconfirmed', '2', '--settle', '0'], example],
    together: [],
  },
  {
    name: '--all-or-nothing',
    before: [example],
    command: install('/mixed.toml', '--all-or-nothing'),
    converge: [install('/mixed.toml')],
    together: [['1', '2', '3', 'shared']],
  },
  {
    name: '--all-or-nothing that does not start',
    before: [example],
    command: install('/mixed.toml', '--all-or-nothing'),
    converge: [install('/mixed.toml', '--all-or-nothing')],
    together: [['1', '2', '3', 'shared']],
    exitCode: 4,
    failsToStart: (vm) => vm.includes('/runtime-3/'),
  },
  {
    name: '--only',
    before: [example],
    command: install('/mixed.toml', '--only', '1'),
    converge: [install('/mixed.toml', '--only', '1')],
    together: [['2', '3', 'shared']],
  },
  {
    name: '--no-restart',
    before: [example],
    command: install('/memory.toml', '--no-restart'),
    converge: [install('/memory.toml', '--no-restart')],
    together: [],
    leaves: ['vllmd-runtime-pre-start@2.service', 'vllmd-runtime@2.service'].map(
      (unit) => `${unit} runs from other files than are there now`,
    ),
  },
];

describe.each(plans)('$name', (scenario) => {
  test('keeps what it promises, whatever goes wrong at whichever step', async () => {
    expect(await sweptProblems(scenario, tried)).toEqual(none);
  }, 300_000);
});

readmeTells('test/transaction/own-steps.test.ts', tried.sum);
