import { describe, expect, test, vi } from 'vitest';
import { edit, healthy, install } from '../support/call.ts';
import { pictureOf } from '../support/consistency.ts';
import type { Scenario } from '../support/scenarios.ts';
import { none, sweptProblems } from '../support/sweep.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const dropIn = '/etc/systemd/system/vllmd-runtime@2.service.d/10-vllmd.conf';
const foreign = '/etc/modprobe.d/vllmd.conf';
const mine = '# mine\n[Service]\nExecStart=\nExecStart=/usr/bin/mine\n';
const adoption = install('/example.toml', '--adopt', foreign);

async function addForeign({ host }: Simulation): Promise<void> {
  await host.mkdir('/etc/modprobe.d', { mode: 0o755, uid: 0, gid: 0 });
  await host.write(foreign, mine, { mode: 0o640, uid: 0, gid: 7 });
}

/** And the VM runs with it, as it does when it is started anew on the way back. */
async function editDropIn(machine: Simulation): Promise<void> {
  await edit(machine, dropIn, mine);
  await machine.host.run(['systemctl', 'daemon-reload'], 1000);
  await machine.host.run(['systemctl', 'restart', '--', 'vllmd-runtime@2.service'], 1000);
}

async function withAdopted(): Promise<Simulation> {
  const machine = simulatedHost();
  await addForeign(machine);
  await healthy(machine, adoption);
  return machine;
}

const overwriting = (config: string) => install(config, '--overwrite-drift', dropIn);

/** The operator's text is to be somewhere at every moment; a run that overwrites it is followed by a plain one. */
const plans: readonly Scenario[] = [
  {
    name: 'overwritten',
    before: [install('/example.toml'), editDropIn],
    command: overwriting('/memory.toml'),
    converge: [overwriting('/memory.toml'), install('/memory.toml')],
    together: [],
    holds: lost,
  },
  {
    name: 'dropped',
    before: [install('/example.toml'), editDropIn],
    command: overwriting('/fewer.toml'),
    converge: [overwriting('/fewer.toml'), install('/fewer.toml')],
    together: [['2', 'shared']],
    holds: lost,
  },
  {
    name: 'adopted',
    before: [addForeign],
    command: adoption,
    converge: [adoption, install('/example.toml')],
    together: [],
    holds: lost,
  },
  {
    name: 'given back',
    before: [addForeign, adoption],
    command: ['uninstall'],
    converge: [['uninstall']],
    together: [['1', '2', 'shared']],
    leaves: [`not recorded: ${foreign}`],
    holds: lost,
  },
  {
    name: 'rolled back',
    before: [addForeign, adoption],
    command: ['rollback', '0', '--settle', '0'],
    converge: [['uninstall']],
    together: [['1', '2', 'shared']],
    leaves: [`not recorded: ${foreign}`],
    holds: lost,
  },
];

/** Where the operator's text is now. */
function copies({ entries }: Simulation): readonly string[] {
  return [...entries].flatMap(([path, entry]) =>
    entry.type === 'file' && entry.text === mine ? [path] : [],
  );
}

function lost(machine: Simulation): readonly string[] {
  return copies(machine).length > 0 ? [] : ['the text of the operator is nowhere'];
}

describe.each(plans)('a file that is $name', (scenario) => {
  test('is somewhere at every moment, and with its mode and owner where all else is old, whatever goes wrong', async () => {
    expect(await sweptProblems(scenario, tried)).toEqual(none);
  }, 300_000);
});

test('an adopted file comes back with its mode and owner, and no copy stays', async () => {
  const fresh = simulatedHost();
  await addForeign(fresh);
  const before = pictureOf(fresh);
  for (const argv of [['uninstall'], ['rollback', '0', '--settle', '0']]) {
    const machine = await withAdopted();
    expect(copies(machine)).toEqual([`/var/lib/vllmd/install/backups/1${foreign}`]);
    await healthy(machine, argv);
    expect(pictureOf(machine)).toEqual(before);
    expect(copies(machine)).toEqual([foreign]);
  }
});

readmeTells('test/transaction/operator-bytes.test.ts', tried.sum);
