import { expect, test, vi } from 'vitest';
import { call, healthy, install } from '../../support/call.ts';
import { type Simulation, simulatedHost } from '../../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../../support/quiet-yargs.ts')).quietYargs(original),
);

const GIB = 2 ** 30;
const UNIT = 'vllmd-runtime@1.service';
const [one, two] = ['0000:01:00.0', '0000:02:00.0'];

type Wanted = {
  readonly name: string;
  readonly gpus: readonly string[];
  readonly memoryGib: number;
  readonly cpus: number;
  readonly tables: string;
};

const before: Wanted = { name: 'old', gpus: [one], memoryGib: 32, cpus: 4, tables: '' };
const after: Wanted = {
  name: 'new',
  gpus: [one, two],
  memoryGib: 64,
  cpus: 8,
  tables: '[network]\nsubnet = "10.78.0.0/24"\n[memory]\nhugepages = "1G"\n',
};

function config({ name, gpus, memoryGib, cpus, tables }: Wanted): string {
  return [
    'schema_version = 2',
    tables,
    '[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1',
    `name = "${name}"\ngpus = ${JSON.stringify(gpus)}\nmemory_gb = ${memoryGib}\ncpus = ${cpus}\n`,
  ].join('\n');
}

/** A VM that runs as it was before, on a host whose files are for its next start. */
async function pending(): Promise<Simulation> {
  const numa = [{ cpus: '0-63', memoryGib: 512, hugepages: { '1G': 0 } }];
  const machine = simulatedHost({ description: { numa } });
  for (const wanted of [before, after]) {
    const texts = new Map([['/vllmd.toml', config(wanted)]]);
    await healthy(machine, install('/vllmd.toml', '--no-restart'), { texts });
  }
  return machine;
}

const inVm = {
  ...{ name: 'old', gpus: [one], memory: '32G', memory_bytes: 32 * GIB, cpus: 4 },
  ...{ hugepages: false, address: '10.77.0.2' },
};
const inFiles = {
  ...{ name: 'new', gpus: [one, two], memory: '64G', memory_bytes: 64 * GIB, cpus: 8 },
  ...{ hugepages: true, address: '10.78.0.2' },
};

async function runtimeOf(machine: Simulation) {
  const { out } = await healthy(machine, ['status', '--json']);
  return JSON.parse(out).runtimes[0];
}

test('a VM that waits for its restart is shown as it runs', async () => {
  const machine = await pending();
  const runtime = await runtimeOf(machine);
  expect(runtime).toMatchObject({ pending: true, values_of: 'running', ...inVm });
  expect(runtime.devices).toMatchObject([{ address: one, driver: 'vfio-pci' }]);
  const { out } = await healthy(machine, ['status']);
  expect(out).toMatch(/^1 +old .* 0000:01:00\.0 vfio-pci +32 GiB +10\.77\.0\.2 +restart pending$/m);
  await machine.host.run(['systemctl', 'restart', UNIT], 1000);
  expect(await runtimeOf(machine)).toMatchObject({
    pending: false,
    values_of: 'running',
    ...inFiles,
  });
});

test('where nobody knows what a VM was started with, what is shown is said to be of its next start', async () => {
  const machine = await pending();
  await machine.host.remove('/run/vllmd/1/booted');
  const runtime = await runtimeOf(machine);
  expect(runtime).toMatchObject({ pending: true, values_of: 'next start', ...inFiles });
  const { out } = await healthy(machine, ['status']);
  expect(out).toMatch(/^1 +new .* restart pending\n.* shown as after a restart$/m);
  const host: typeof machine.host = {
    ...machine.host,
    query: async (argv) => {
      const result = await machine.host.query(argv);
      return { ...result, stdout: result.stdout.replaceAll('=active\n', '=deactivating\n') };
    },
  };
  const stopping = await healthy(machine, ['status'], { host });
  expect(stopping.out).toMatch(/^1 +new +stopping .* shown as after a restart$/m);
});

test('a VM that is down is shown as its next start has it', async () => {
  const machine = await pending();
  await machine.host.run(['systemctl', 'stop', UNIT], 1000);
  expect(await runtimeOf(machine)).toMatchObject({ values_of: 'next start', ...inFiles });
  const { out } = await call(machine, ['status']);
  expect(out).not.toContain('shown as after a restart');
});

test('a VM definition that is none leaves open what a VM is given', async () => {
  const machine = await pending();
  const path = '/home/sdake/.config/vllmd/runtime-1.vm.json';
  await machine.host.remove('/run/vllmd/1/booted');
  for (const text of [
    '',
    '[]',
    '{"memory":{"size":"32"},"cpus":4,"net":[{"mac":1}],"devices":{}}',
  ]) {
    await machine.host.write(path, text, { mode: 0o640, uid: 0, gid: 0 });
    expect(await runtimeOf(machine)).toMatchObject({
      ...{ memory: '', memory_bytes: null, cpus: 0, hugepages: false, mac: null },
    });
  }
});

test('a GPU that a VM is to have from its next start on needs somebody once it is bound and taken away', async () => {
  const machine = await pending();
  await machine.host.run(['systemctl', 'start', `vllmd-vfio@${two}.service`], 1000);
  await machine.host.link(`/sys/bus/pci/devices/${two}/driver`, '../../drivers/nvidia');
  const { out } = await healthy(machine, ['status']);
  expect(out).toContain(`GPU ${two} of runtime 1 has the driver nvidia, not vfio-pci\n`);
});
