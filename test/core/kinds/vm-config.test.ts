import { expect, test } from 'vitest';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import { vmConfig, vmConfigText } from '../../../src/core/kinds/runtime-vm/vm-config.ts';
import { type Placement, unplaced } from '../../../src/core/placement/place.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { checkVm } from '../../../src/core/vm/rules.ts';
import { type ChVersion, versionOf } from '../../../src/core/vm/version.ts';
import type { VmConfig } from '../../../src/core/vm/vm-config.gen.ts';

type Input = Parameters<typeof resolve>[0];
type Runtime = NonNullable<Input['runtimes']>[number];

const GIB = 2 ** 30;
const v51: ChVersion = { major: 51, minor: 2, patch: 0 };

function definition(
  own: Partial<Runtime>,
  rest: Partial<Input> = {},
  options: {
    readonly placement?: Placement;
    readonly version?: ChVersion;
    readonly addressBits?: number;
  } = {},
): VmConfig {
  const input = {
    schema_version: 2,
    global: { user: 'llm' },
    ...rest,
    runtimes: [{ index: 1, name: 'a', ...own }],
  } as const;
  const desired = resolve(input, assumedAccount('llm'), 'machine');
  const [runtime] = desired.runtimes;
  if (runtime === undefined) throw new Error('there is a runtime');
  const { placement = unplaced, version, addressBits } = options;
  return vmConfig(desired, runtime, { placement, version, addressBits });
}

function zones(cpus: number, perNode: readonly (readonly number[])[]): Placement {
  const each = cpus / perNode.length;
  return {
    zones: perNode.map((hostCpus, node) => ({
      node,
      memoryBytes: 8 * GIB,
      vcpus: Array.from({ length: each }, (_, at) => node * each + at),
      hostCpus,
    })),
    note: '',
    isFarFromGpus: false,
  };
}

const count = (length: number, first = 0) => Array.from({ length }, (_, at) => first + at);

test('a guest has a watchdog, entropy, a serial console in the journal and no other, and an identity', () => {
  expect(definition({})).toMatchObject({
    watchdog: true,
    rng: { src: '/dev/urandom' },
    serial: { mode: 'Tty' },
    console: { mode: 'Off' },
    platform: { serial_number: 'vllmd-1', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test('hugepages are reserved at the start, by the key that the version of cloud-hypervisor knows', () => {
  const memory = { hugepages: '1G' } as const;
  const common = { shared: true, hugepages: true, hugepage_size: GIB };
  expect(definition({}, { memory }).memory).toEqual({ size: 16 * GIB, ...common, reserve: true });
  expect(definition({}, { memory }, { version: v51 }).memory).toEqual({
    size: 16 * GIB,
    ...common,
    prefault: true,
  });
});

test('prefault and shared are as the config says', () => {
  expect(definition({}).memory).toEqual({ size: 16 * GIB });
  const memory = { prefault: true, shared: true };
  expect(definition({}, { memory }).memory).toEqual({
    size: 16 * GIB,
    prefault: true,
    shared: true,
  });
});

test('on two nodes the guest has two nodes too, each with its memory and its CPUs', () => {
  const placement = zones(4, [count(4), count(4, 4)]);
  const vm = definition({ cpus: 4 }, {}, { placement });
  expect(vm.memory).toEqual({
    size: 0,
    zones: [
      { id: 'node0', size: 8 * GIB, host_numa_node: 0 },
      { id: 'node1', size: 8 * GIB, host_numa_node: 1 },
    ],
  });
  expect(vm.numa).toEqual([
    { guest_numa_id: 0, cpus: [0, 1], memory_zones: ['node0'] },
    { guest_numa_id: 1, cpus: [2, 3], memory_zones: ['node1'] },
  ]);
  expect(vm.cpus).toMatchObject({
    topology: { threads_per_core: 1, cores_per_die: 2, dies_per_package: 1, packages: 2 },
    affinity: [
      { vcpu: 0, host_cpus: [0, 1, 2, 3] },
      { vcpu: 1, host_cpus: [0, 1, 2, 3] },
      { vcpu: 2, host_cpus: [4, 5, 6, 7] },
      { vcpu: 3, host_cpus: [4, 5, 6, 7] },
    ],
  });
});

test('on one node the guest needs no nodes of its own', () => {
  const vm = definition({ cpus: 2 }, {}, { placement: zones(2, [count(2)]) });
  expect(vm.numa).toBeUndefined();
  expect(vm.memory).toMatchObject({ size: 0, zones: [{ host_numa_node: 0 }] });
});

test.for([2, 96, 200, 256, 8192])(
  'a definition with %i virtual CPUs on 192 CPUs of the host is within what cloud-hypervisor takes',
  (cpus) => {
    const vm = definition({ cpus }, {}, { placement: zones(cpus, [count(96), count(96, 96)]) });
    expect(vmConfigText(vm).length).toBeLessThan(51_200);
    const windows = (vm.cpus?.affinity ?? []).flatMap(({ host_cpus }) => host_cpus);
    expect(new Set(windows).size).toBe(cpus > 256 ? 0 : 192);
  },
);

test('a device keeps its id when another one goes, and GPUs that share memory are one clique', () => {
  const gpus = ['0000:01:00.0', '0000:02:00.0'];
  const ids = (vm: VmConfig) => vm.devices?.map(({ id }) => id);
  expect(ids(definition({ gpus: gpus.slice(1) }))).toEqual(ids(definition({ gpus }))?.slice(1));
  expect(definition({ gpus, gpu_p2p: true }).devices).toEqual(
    gpus.map((address) => ({
      id: `gpu-${address}`,
      path: `/sys/bus/pci/devices/${address}`,
      x_nv_gpudirect_clique: 0,
    })),
  );
});

test('behind an IOMMU with short addresses a guest with GPUs gets no longer ones', () => {
  const gpus = ['0000:01:00.0'];
  const bits = (own: object, addressBits: number) =>
    definition(own, {}, { addressBits }).cpus?.max_phys_bits;
  expect([bits({ gpus }, 39), bits({ gpus }, 46), bits({}, 39)]).toEqual([
    39,
    undefined,
    undefined,
  ]);
});

test('without a network there is no interface, and without GPUs there are no devices', () => {
  const vm = definition({}, { network: { mode: 'none' } });
  expect(vm.net).toBeUndefined();
  expect(vm.devices).toBeUndefined();
});

test('a kernel is started with its command line, and an initramfs where there is one', () => {
  expect(definition({}, { boot: { kernel: '/k', cmdline: 'a b' } }).payload).toEqual({
    kernel: '/k',
    cmdline: 'a b',
  });
  expect(definition({ kernel: '/k', initramfs: '/i' }).payload).toMatchObject({ initramfs: '/i' });
});

const versions: readonly ChVersion[] = [v51, versionOf('52.1'), versionOf('53'), versionOf('54')];

test.for(versions)(
  'every kind of definition keeps every rule for cloud-hypervisor %j',
  (version) => {
    const gpus = ['0000:01:00.0'];
    const placement = zones(4, [count(4), count(4, 4)]);
    const kinds = [
      definition({}, {}, { version }),
      definition({ gpus, cpus: 1 }, {}, { version }),
      definition({ gpus, gpu_p2p: true, cpus: 64 }, { memory: { hugepages: '2M' } }, { version }),
      definition({ kernel: '/k' }, { network: { mode: 'none' } }, { version }),
      definition({ gpus, cpus: 4 }, { memory: { hugepages: '1G' } }, { placement, version }),
    ];
    const context = { version, architecture: 'x86_64', probe: {} } as const;
    const broken = kinds.flatMap((vm) => checkVm(vm, context));
    expect(broken.filter(({ rule }) => rule !== 'G-12')).toEqual([]);
  },
);

test('a list of numbers in the kernel command line stays as it is written', () => {
  const cmdline = 'isolcpus=[ 1, 2 ] x=[1,  2] [ 3 ]';
  const vm = definition({ kernel: '/k', cmdline });
  expect(JSON.parse(vmConfigText(vm))).toMatchObject({ payload: { cmdline } });
});
