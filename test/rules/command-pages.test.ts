import { expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import {
  answering,
  type CallOptions,
  call,
  edit,
  healthy,
  install,
  installed,
  interruptedAt,
  whileBusy,
} from '../support/call.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { frameOf, pageOf } from './page.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const update = install('/memory.toml');
const DISK = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2/disk.raw';
const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';

type Case = {
  readonly id: string;
  readonly argv: readonly string[];
  readonly machine?: () => Promise<Simulation>;
  readonly options?: (machine: Simulation) => CallOptions;
};

async function editedMachine(path: string, text: string): Promise<Simulation> {
  const machine = await installed();
  await edit(machine, path, text);
  return machine;
}

async function failingMachine(): Promise<Simulation> {
  const machine = simulatedHost({ failsToStart: (vm) => vm.includes(`"size": ${24 * 2 ** 30}`) });
  await healthy(machine, install('/example.toml'));
  return machine;
}

const protectedRuntime = `schema_version = 2

[global]
user = "sdake"

[[runtimes]]
index = 1
name = "first"
prevent_removal = true
`;

/** How a command ends: each by a command line that ends so. */
const cases: readonly Case[] = [
  {
    id: 'unexpected',
    argv: update,
    machine: () => editedMachine('/var/lib/vllmd/install/manifest.json', '{'),
  },
  { id: 'not-found', argv: ['explain', 'gpu-asigned-once'] },
  { id: 'pending', argv: ['verify'], machine: () => editedMachine(dropIn, 'mine\n') },
  {
    id: 'config',
    argv: update,
    options: ({ host }) => ({
      host: answering(host, (argv) =>
        argv[0] === 'systemd-analyze' && argv[1] === 'verify'
          ? { exitCode: 1, stderr: `/run/vllmd/stage${dropIn}:12: Unknown key 'Restrat'\n` }
          : undefined,
      ),
    }),
  },
  { id: 'runtime', argv: update, machine: failingMachine },
  { id: 'conflict', argv: update, machine: () => editedMachine(dropIn, 'mine\n') },
  {
    id: 'preflight',
    argv: ['uninstall'],
    machine: async () => {
      const machine = simulatedHost();
      const texts = new Map([['/protected.toml', protectedRuntime]]);
      await healthy(machine, install('/protected.toml'), { texts });
      return machine;
    },
  },
  {
    id: 'locked',
    argv: update,
    options: () => whileBusy(),
  },
  {
    id: 'rollback-incomplete',
    argv: update,
    machine: () => editedMachine('/var/lib/vllmd/install/journal.json', '{"schema":1,'),
  },
  { id: 'restart-pending', argv: [...update, '--no-restart', '--detailed-exitcode'] },
  { id: 'usage', argv: [...update, '--plan-out', '/plan.json'] },
  { id: 'no-config', argv: ['install'] },
  { id: 'needs-root', argv: update, options: () => ({ world: { uid: 1000 } }) },
  { id: 'interrupted', argv: update, options: (machine) => interruptedAt(machine, 12, 'SIGINT') },
  { id: 'terminated', argv: update, options: (machine) => interruptedAt(machine, 12, 'SIGTERM') },
];

const LINES = 6;

test.for(cases)('the page of $id, and a command that ends so', async (one) => {
  const { id, argv, machine, options } = one;
  const target = await (machine?.() ?? installed());
  const { code, out, err } = await call(target, argv, options?.(target));
  const end = (err === '' ? out : err).trimEnd().split('\n').slice(-LINES).join('\n');
  const said = `$ vllmd ${argv.join(' ')}\n${end}\nexit code ${code}`;
  await expect(await pageOf(id, said)).toMatchFileSnapshot(`expected/${id}.txt`);
});

test('the page of max-downtime, and an install that would be down for longer', async () => {
  const machine = simulatedHost();
  let clock = 0;
  const slow: Host = {
    ...machine.host,
    run: async (argv, timeoutMs) => {
      if (argv[1] === 'restart') clock += 42_000;
      return machine.host.run(argv, timeoutMs);
    },
  };
  const options = { host: slow, world: { now: () => clock } };
  await healthy(machine, install('/example.toml'), options);
  // The first start copies the base image, which says nothing of the next one.
  await machine.host.write(DISK, '', { mode: 0o600, uid: 1000, gid: 1000 });
  await healthy(machine, update, options);
  const { err } = await call(machine, [...install('/example.toml'), '--max-downtime', '30s']);
  const shown = await pageOf('max-downtime', frameOf('max-downtime', err));
  await expect(shown).toMatchFileSnapshot('expected/max-downtime.txt');
});
