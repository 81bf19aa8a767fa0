import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PciDevice } from '../src/core/facts/pci.ts';
import { parseIommuBits, parsePhysicalBits } from '../src/core/facts/pci-attributes.ts';
import { mappedFiles } from '../src/core/facts/proc-maps.ts';
import type { Entry } from '../src/core/plan/observed.ts';
import type { HostReader } from '../src/host/host.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';
import { readInventory } from '../src/host/read-inventory.ts';
import { readPci } from '../src/host/read-pci.ts';
import { type PciDescription, type PciHostDescription, pciEntries } from './support/pci.ts';

const GPU = '0000:01:00.0';
const DEVICES = '/sys/bus/pci/devices';

const gpu: PciDescription = {
  address: GPU,
  id: '10de:2330',
  subsystem: '10de:16c1',
  class: '030200',
  driver: 'nvidia',
  group: 17,
};

function file(text: string): Entry {
  return { type: 'file', mode: 0o444, uid: 0, gid: 0, text };
}

function link(target: string): Entry {
  return { type: 'link', target, trusted: true };
}

/** A described host; with `more` on top, whose directories are made. */
function hostOf(
  description: PciHostDescription,
  more: Readonly<Record<string, Entry | undefined>> = {},
): HostReader {
  const entries = new Map(pciEntries(description));
  for (const [path, entry] of Object.entries(more)) {
    if (entry === undefined) entries.delete(path);
    else entries.set(path, entry);
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      if (entry !== undefined && !entries.has(above)) {
        entries.set(above, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
      }
    }
  }
  return createMemoryHost({ entries });
}

async function readGpu(
  rest: Partial<PciDescription>,
  more: Readonly<Record<string, Entry | undefined>> = {},
): Promise<PciDevice | undefined> {
  const host = hostOf({ pci: [{ ...gpu, ...rest }] }, more);
  return (await readPci(host, [GPU])).devices.get(GPU);
}

test('reads a device as sysfs shows it', async () => {
  const rest: Partial<PciDescription> = {
    numaNode: 1,
    driverOverride: 'vfio-pci',
    numvfs: 0,
    reset: 'flr bus',
    bars: ['16M', '128G', '32M'],
  };
  expect(await readGpu(rest)).toEqual({
    address: GPU,
    vendor: '10de',
    device: '2330',
    subsystemVendor: '10de',
    subsystemDevice: '16c1',
    classCode: '030200',
    driver: 'nvidia',
    driverOverride: 'vfio-pci',
    iommuGroup: '17',
    numaNode: 1,
    headerType: 0,
    isSilent: false,
    isBootVga: false,
    isVirtualFunction: false,
    virtualFunctions: 0,
    resetMethods: ['flr', 'bus'],
    bars: [
      { sizeBytes: 2 ** 24, is64Bit: true },
      { sizeBytes: 2 ** 37, is64Bit: true },
      { sizeBytes: 2 ** 25, is64Bit: true },
    ],
    inUse: [],
    uplink: undefined,
    holders: [],
  });
});

test('reads displays, bridges, cards with virtual functions and these', async () => {
  expect(await readGpu({ class: '030000', bootVga: true })).toMatchObject({ isBootVga: true });
  expect(await readGpu({ header: 1 })).toMatchObject({ headerType: 1, resetMethods: [] });
  expect(await readGpu({ numvfs: 4 })).toMatchObject({ virtualFunctions: 4 });
  expect(await readGpu({ physfn: '0000:01:00.4' })).toMatchObject({ isVirtualFunction: true });
  const plain = { driver: undefined, driverOverride: undefined, iommuGroup: undefined };
  const { driver: _, group: __, ...bare } = gpu;
  const facts = await readPci(hostOf({ pci: [bare] }), [GPU]);
  expect(facts.devices.get(GPU)).toMatchObject({ ...plain, numaNode: undefined });
});

test('knows from before 5.15 only that there is a reset', async () => {
  const old = { [`${DEVICES}/${GPU}/reset`]: file('') };
  expect(await readGpu({ reset: '' }, old)).toMatchObject({ resetMethods: ['default'] });
  const none = { ...old, [`${DEVICES}/${GPU}/reset_method`]: file('\n') };
  expect(await readGpu({ reset: '' }, none)).toMatchObject({ resetMethods: [] });
});

test('reads all of the devices that are close to a wanted one, and little of the others', async () => {
  const pci = [
    { ...gpu, numaNode: 0 },
    { ...gpu, address: '0000:01:00.1', group: 18, numaNode: 0 },
    { ...gpu, address: '0000:02:00.0', group: 17, numaNode: 0 },
    { ...gpu, address: '0000:03:00.0', group: 18, numaNode: 0 },
    { ...gpu, address: '0000:04:00.0', group: 19, numaNode: 0 },
  ];
  const { devices } = await readPci(hostOf({ pci }), [GPU, '0000:99:00.0']);
  const detailed = [...devices.values()].filter(({ numaNode }) => numaNode !== undefined);
  expect(detailed.map(({ address }) => address.slice(5, 7))).toEqual(['01', '01', '02', '03']);
  expect(devices.get('0000:04:00.0')).toMatchObject({ device: '2330', driver: 'nvidia' });
  const apart = await readPci(hostOf({ pci, iommu: false }), [GPU]);
  expect(apart.devices.get('0000:02:00.0')?.numaNode).toBeUndefined();
});

test('reads what holds for the whole host', async () => {
  expect(await readPci(hostOf({ pci: [gpu] }), [])).toMatchObject({
    hasIommu: true,
    hasInterruptRemapping: true,
    hasVfioPci: true,
    cpuVendor: 'intel',
    kernelCommandLine: 'BOOT_IMAGE=/vmlinuz ro',
  });
  const bad = {
    pci: [gpu],
    iommu: false,
    interruptRemapping: false,
    vfioPci: false,
    cpuVendor: 'amd',
    kernelCommandLine: 'amd_iommu=off',
  } as const;
  expect(await readPci(hostOf(bad), [])).toMatchObject({
    hasIommu: false,
    hasInterruptRemapping: false,
    hasVfioPci: false,
    cpuVendor: 'amd',
    kernelCommandLine: 'BOOT_IMAGE=/vmlinuz ro amd_iommu=off',
  });
});

test('takes no group of the mode of vfio without an IOMMU for one', async () => {
  const name = (group: number) => `/sys/kernel/iommu_groups/${group}/name`;
  const pci = [gpu, { ...gpu, address: '0000:02:00.0', group: 18 }];
  const made = { [name(17)]: file('vfio-noiommu\n') };
  expect(await readPci(hostOf({ pci }, made), [])).toMatchObject({ hasIommu: true });
  const all = { ...made, [name(18)]: file('vfio-noiommu\n') };
  expect(await readPci(hostOf({ pci }, all), [])).toMatchObject({ hasIommu: false });
});

test('finds the driver among the modules of the running kernel', async () => {
  const release = { '/proc/sys/kernel/osrelease': file('6.8.0-45-generic\n') };
  const dir = '/lib/modules/6.8.0-45-generic';
  const has = async (path: string, text: string) => {
    const host = hostOf({ vfioPci: false }, { ...release, [path]: file(text) });
    return (await readPci(host, [])).hasVfioPci;
  };
  const dep =
    'kernel/drivers/vfio/pci/vfio-pci.ko.zst: kernel/drivers/vfio/pci/vfio-pci-core.ko.zst';
  expect(await has(`${dir}/modules.dep`, `x.ko:\n${dep}\n`)).toBe(true);
  expect(await has(`${dir}/modules.builtin`, 'kernel/drivers/vfio/pci/vfio_pci.ko\n')).toBe(true);
  expect(await has(`${dir}/modules.dep`, 'kernel/drivers/vfio/pci/vfio-pci-core.ko:\n')).toBe(
    false,
  );
  expect(await has('/lib/modules/5.4.0/modules.dep', dep)).toBe(false);
  const odd = { ...release, '/proc/sys/kernel/osrelease': file('../x\n') };
  expect((await readPci(hostOf({ vfioPci: false }, odd), [])).hasVfioPci).toBe(false);
});

test('asks the IOMMU itself about remapping where the interrupts do not tell', async () => {
  const remapping = async (
    ecap: string,
    interrupts = '  1:  0  ITS-PCI-MSI-0000:01:00.0  nvme\n',
  ) => {
    const more = {
      '/proc/interrupts': file(interrupts),
      '/sys/class/iommu/dmar0/intel-iommu/ecap': file(`${ecap}\n`),
      '/sys/class/iommu/smmu3.0x1/devices': file(''),
    };
    return (await readPci(hostOf({}, more), [])).hasInterruptRemapping;
  };
  expect(await remapping('f020df')).toBeUndefined();
  expect(await remapping('f020d7')).toBe(false);
  expect(await remapping('\u0000garbage')).toBeUndefined();
  expect(await remapping('f020df', '  1:  0  IO-APIC  5-edge  x\n')).toBe(false);
  expect(await remapping('f020d7', '  1:  0  IR-PCI-MSI 5-edge x\n')).toBe(true);
});

test('names interfaces that are up, also below other buses', async () => {
  const net = [
    { name: 'eth0', up: true },
    { name: 'eth1', up: false },
  ];
  const at = `${DEVICES}/${GPU}`;
  const more = {
    // No carrier: the operator has it switched on all the same.
    [`${at}/virtio3/net/eth2/flags`]: file('0x1003\n'),
    [`${at}/usb1/1-1/1-1:1.0/net/enx0/operstate`]: file('up\n'),
    [`${at}/net/eth3/flags`]: file('garbage\n'),
    [`${at}/power/net/eth4/operstate`]: file('up\n'),
  };
  const found = await readGpu({ driver: 'igb', class: '020000', net }, more);
  expect(found?.inUse).toEqual([
    'network interface eth0 is up',
    'network interface enx0 is up',
    'network interface eth2 is up',
  ]);
});

test.for([
  ['eth0', 'eth0'],
  ['br0.7', 'eth0'],
  ['wlan0', undefined],
] as const)('knows that the default route of %s leaves by %s', async ([device, uplink]) => {
  const net = [
    { name: 'eth1', up: true },
    { name: 'eth0', up: true },
  ];
  const more = {
    '/proc/net/route': file(`Iface\n${device}\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\n`),
    '/sys/class/net/br0.7/lower_br0': link('../br0'),
    '/sys/class/net/br0/lower_bond0': link('../bond0'),
    // A loop is no more than nonsense.
    '/sys/class/net/bond0/lower_br0': link('../br0'),
    '/sys/class/net/bond0/lower_eth0': link('../eth0'),
  };
  const found = await readGpu({ driver: 'igb', class: '020000', net }, more);
  expect(found?.uplink).toBe(uplink);
});

test('names disks that are mounted or swapped to', async () => {
  const mounts = [
    { name: 'nvme0n1p2', on: '/' },
    { name: 'nvme0n1p3', on: 'swap' },
    { name: 'sda', on: '/srv' },
  ];
  const found = await readGpu({ driver: 'nvme', class: '010802', mounts });
  expect(found?.inUse).toEqual([
    'sda is mounted on /srv',
    'nvme0n1p2 is mounted on /',
    'nvme0n1p3 is swap space',
  ]);
});

test('finds what stands on a disk through LVM, RAID, multipath and btrfs', async () => {
  const at = `${DEVICES}/${GPU}`;
  const block = '/sys/class/block';
  const more = {
    [`${at}/nvme/nvme1/nvme1c0n1/wwid`]: file(''),
    [`${block}/nvme1n1/nvme1n1p1/dev`]: file('259:1\n'),
    [`${block}/nvme1n1p1/holders/dm-0`]: link('../../../dm-0'),
    [`${block}/nvme1n1p1/holders/md0`]: link('../../../md0'),
    [`${block}/dm-0/dm/name`]: file('vg-root\n'),
    [`${at}/ata1/host0/target0:0:0/0:0:0:0/block/sdb/dev`]: file('8:16\n'),
    [`${block}/sdb/dev`]: file('8:16\n'),
    '/proc/self/mountinfo': file(
      [
        '22 1 0:30 / /proc rw shared:1 - proc proc rw',
        '23 1 253:0 / / rw shared:1 master:3 - ext4 /dev/mapper/vg-root rw',
        '24 1 0:44 / /srv/with\\040blank rw - btrfs /dev/sdb rw',
        '25 1 0:44 / /srv/copy rw - btrfs /dev/sdb rw',
        'garbage',
      ].join('\n'),
    ),
  };
  expect((await readGpu({ driver: 'nvme', class: '010802' }, more))?.inUse).toEqual([
    'sdb is mounted on /srv/with blank',
    'dm-0 is mounted on / (on nvme1n1p1)',
    'nvme1n1p1 is part of md0',
  ]);
});

test('looks at nothing behind devices that VFIO or nobody drives', async () => {
  const mounts = [{ name: 'sda', on: '/' }];
  expect(await readGpu({ driver: 'vfio-pci', mounts })).toMatchObject({ inUse: [] });
  expect(await readGpu({ header: 1, driver: 'pcieport', mounts })).toMatchObject({ inUse: [] });
});

test('does not go round in circles', async () => {
  const at = `${DEVICES}/${GPU}`;
  const more = {
    [`${at}/block/sda/dev`]: file('8:0\n'),
    '/sys/class/block/sda/holders/sda': link('../..'),
    [`${at}${'/host0'.repeat(20)}/block/sdb/dev`]: file('8:16\n'),
  };
  const found = await readGpu({ driver: 'ahci', class: '010601' }, more);
  expect(found?.inUse).toHaveLength(1);
});

test('names the processes that have a GPU open', async () => {
  const holders = [
    { pid: 2000, name: 'nv-hostengine', node: '/dev/nvidia3' },
    { pid: 900, name: 'nvidia-persistenced', node: '/dev/nvidia3' },
    { pid: 900, name: 'nvidia-persistenced', node: '/dev/nvidia3' },
    { pid: 950, name: 'Xorg', node: '/dev/dri/card0' },
  ];
  const more = { '/proc/77/fd/0': link('/dev/null'), '/proc/900/fd/50': link('/dev/nvidiactl') };
  expect((await readGpu({ holders }, more))?.holders).toEqual([
    { pid: 900, name: 'nvidia-persiste', path: '/dev/nvidia3' },
    { pid: 950, name: 'Xorg', path: '/dev/dri/card0' },
    { pid: 2000, name: 'nv-hostengine', path: '/dev/nvidia3' },
  ]);
});

test('knows the nodes of other drivers', async () => {
  const held = async (driver: string, node: string) => {
    const holders = [{ pid: 5, name: 'x', node }];
    return ((await readGpu({ driver, holders }))?.holders ?? []).length;
  };
  expect(await held('amdgpu', '/dev/kfd')).toBe(1);
  expect(await held('nvidia', '/dev/kfd')).toBe(0);
  expect(await held('nvidia-nvswitch', '/dev/nvidia-nvswitch2')).toBe(1);
  expect(await held('nvidia-nvswitch', '/dev/nvidia-nvswitchctl')).toBe(0);
  expect(await held('i915', '/dev/vfio/devices/vfio0')).toBe(1);
  expect(await held('mlx5_core', '/dev/infiniband/uverbs0')).toBe(1);
  expect(await held('nvidia', '/dev/vfio/17')).toBe(1);
  expect(await held('vfio-pci', '/dev/vfio/17')).toBe(0);
});

test('looks at no open file where no device has to be taken', async () => {
  const host = hostOf({ pci: [{ ...gpu, driver: 'vfio-pci' }] }, { '/proc/5/fd/0': link('/x') });
  const asked: string[] = [];
  const list = (path: string) => {
    asked.push(path);
    return host.list(path);
  };
  await readPci({ ...host, list }, [GPU]);
  expect(asked).not.toContain('/proc');
});

test('looks at no open file where nobody wants to know who has a device', async () => {
  const holders = [{ pid: 900, name: 'nvidia-persistenced', node: '/dev/nvidia3' }];
  const host = hostOf({ pci: [{ ...gpu, holders }] });
  const asked: string[] = [];
  const list = (path: string) => {
    asked.push(path);
    return host.list(path);
  };
  const { pci } = await readInventory({ ...host, list }, { withHolders: false });
  expect(pci.devices.get(GPU)?.holders).toEqual([]);
  expect(asked.filter((path) => path.startsWith('/proc'))).toEqual([]);
});

test('takes a host without PCI for one that has no devices', async () => {
  const facts = await readPci(createMemoryHost(), [GPU]);
  expect(facts).toEqual({
    devices: new Map(),
    hasIommu: false,
    hasInterruptRemapping: undefined,
    hasVfioPci: false,
    cpuVendor: 'other',
    kernelCommandLine: '',
  });
});

const attributes = [
  'vendor',
  'device',
  'subsystem_vendor',
  'subsystem_device',
  'class',
  'numa_node',
  'driver_override',
  'resource',
  'config',
  'reset_method',
] as const;
const unreadable = {
  vendor: 'ffff',
  device: 'ffff',
  subsystemVendor: 'ffff',
  subsystemDevice: 'ffff',
  classCode: 'ffffff',
  numaNode: undefined,
  bars: [],
  headerType: undefined,
};

test.for([
  ['missing', undefined],
  ['empty', file('')],
  ['hidden', { type: 'hidden' }],
  ['a directory', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
] as const)('bears attributes that are %s', async ([, entry]) => {
  const more = Object.fromEntries(
    attributes.map((name) => [`${DEVICES}/${GPU}/${name}`, entry as Entry | undefined]),
  );
  expect(await readGpu({}, more)).toMatchObject({ ...unreadable, resetMethods: [] });
});

test('bears attributes that are binary', async () => {
  const entries = attributes
    .filter((name) => name !== 'config')
    .map((name) => [`${DEVICES}/${GPU}/${name}`, file('\u0000\ufffd\u001b[31m\n\u0000')]);
  expect(await readGpu({}, Object.fromEntries(entries))).toMatchObject({
    ...unreadable,
    headerType: 0,
  });
});

test('reads the header of a device with other functions, and none of one that does not answer', async () => {
  const host = hostOf({ pci: [gpu] });
  const header = async (byte: number) => {
    const readBytes = async () => new Uint8Array(64).fill(byte);
    return (await readPci({ ...host, readBytes }, [GPU])).devices.get(GPU)?.headerType;
  };
  expect(await header(0x80)).toBe(0);
  expect(await header(0x81)).toBe(1);
  expect(await header(0xff)).toBeUndefined();
});

test('tells a device that answers nothing from a virtual function, which has no vendor of its own', async () => {
  const silent = async (config: Uint8Array) => {
    const host = { ...hostOf({ pci: [gpu] }), readBytes: async () => config };
    return (await readPci(host, [GPU])).devices.get(GPU)?.isSilent;
  };
  const virtual = new Uint8Array(64);
  virtual.fill(0xff, 0, 4);
  expect(await silent(new Uint8Array(64).fill(0xff))).toBe(true);
  expect(await silent(virtual)).toBe(false);
  expect(await silent(new Uint8Array())).toBe(false);
});

test('lists only what has the form of an address', async () => {
  const more = {
    [`${DEVICES}/0000:1:00.0/vendor`]: file('0x10de\n'),
    [`${DEVICES}/nonsense/vendor`]: file('0x10de\n'),
    [`${DEVICES}/10000:e1:00.0/vendor`]: file('0x144d\n'),
  };
  const { devices } = await readPci(hostOf({ pci: [gpu] }, more), []);
  expect([...devices.keys()]).toEqual([GPU, '10000:e1:00.0']);
});

test.for(['ENODEV', 'EIO', 'ESRCH'])(
  'bears a device or process that goes away: %s',
  async (code) => {
    const holders = [{ pid: 5, name: 'x', node: '/dev/nvidia0' }];
    const host = hostOf({ pci: [{ ...gpu, holders }] });
    const fail = <Value>(path: string, answer: Promise<Value>): Promise<Value> =>
      /numa_node|resource|config|\/proc\/5\//.test(path)
        ? Promise.reject(Object.assign(new Error(code), { code }))
        : answer;
    const reader: HostReader = {
      ...host,
      read: (path) => fail(path, host.read(path)),
      list: (path) => fail(path, host.list(path)),
      readBytes: (path, count) => fail(path, host.readBytes(path, count)),
    };
    expect((await readPci(reader, [GPU])).devices.get(GPU)).toMatchObject({
      numaNode: undefined,
      headerType: undefined,
      bars: [],
      holders: [],
    });
  },
);

test('does not take a broken machine for an answer', async () => {
  const host = hostOf({ pci: [gpu] });
  const list = () => Promise.reject(new Error('out of memory'));
  await expect(readPci({ ...host, list }, [GPU])).rejects.toThrow('out of memory');
});

const root = mkdtempSync(`${tmpdir()}/vllmd-pci-`);
afterAll(() => rmSync(root, { recursive: true }));

test('follows the links of a real tree', async () => {
  const real = `${root}/sys/devices/pci0000:00/0000:00:01.0/${GPU}`;
  const put = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const point = (path: string, target: string) => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };
  const header = new Uint8Array(256).fill(0xde);
  header[14] = 0x80;
  put(`${real}/vendor`, '0x144d\n');
  put(`${real}/class`, '0x010802\n');
  put(`${real}/config`, header);
  put(`${real}/nvme/nvme0/nvme0n1/nvme0n1p1/dev`, '259:1\n');
  put(`${root}/sys/kernel/iommu_groups/7/type`, 'DMA\n');
  put(`${root}/proc/self/mountinfo`, '22 1 259:1 / / rw - ext4 /dev/root rw\n');
  point(`${root}${DEVICES}/${GPU}`, `../../../devices/pci0000:00/0000:00:01.0/${GPU}`);
  point(`${real}/driver`, '../../../../bus/pci/drivers/nvme');
  point(`${real}/iommu_group`, '../../../../kernel/iommu_groups/7');
  const up = `../../devices/pci0000:00/0000:00:01.0/${GPU}/nvme/nvme0/nvme0n1`;
  point(`${root}/sys/class/block/nvme0n1`, up);
  point(`${root}/sys/class/block/nvme0n1p1`, `${up}/nvme0n1p1`);
  point(`${real}/nvme/nvme0/device`, `../../../${GPU}`);
  const host = createLocalHost({ root, uid: process.getuid?.() ?? 0, setsOwner: false });
  expect((await readPci(host, [GPU])).devices.get(GPU)).toMatchObject({
    vendor: '144d',
    driver: 'nvme',
    iommuGroup: '7',
    headerType: 0,
    inUse: ['nvme0n1p1 is mounted on /'],
  });
});

test('reads the machine it runs on', async () => {
  const host = createLocalHost({ root: '', uid: process.getuid?.() ?? 0, setsOwner: false });
  const facts = await readPci(host, []);
  const all = await readPci(host, [...facts.devices.keys()]);
  expect(all.devices.size).toBe(facts.devices.size);
});

test.for([
  ['x\naddress sizes\t: 46 bits physical, 48 bits virtual\n', 46],
  ['address sizes\t: many\n', undefined],
] as const)('the physical address width in %j is %s', ([text, bits]) => {
  expect(parsePhysicalBits(text)).toBe(bits);
});

test.for([
  [['8d2078c106f0466', '19ed008c40780c66'], 48],
  [['1c0000c40660462', 'd2008c40660462'], 39],
  [[], undefined],
  [['garbage'], undefined],
] as const)('IOMMUs with the capabilities %j translate %s bits', ([capabilities, bits]) => {
  expect(parseIommuBits(capabilities)).toBe(bits);
});

test('a process that has a node mapped and closed holds it too', () => {
  const maps = [
    '7f00-7f01 rw-s 00000000 00:06 1021    /dev/nvidia0',
    '7f02-7f03 r-xp 00000000 fd:00 99      /usr/lib/libcuda.so',
    '7f04-7f05 rw-p 00000000 00:00 0 ',
  ].join('\n');
  expect(mappedFiles(maps)).toEqual(['/dev/nvidia0']);
  expect(mappedFiles('')).toEqual([]);
});

test('who has a node of a GPU mapped is named', async () => {
  const text = '1-2 rw-s 00000000 00:06 1 /dev/nvidia0\n';
  const holders = [{ pid: 4242, name: 'python3', node: '/dev/nvidia0' }];
  const device = await readGpu(
    { driver: 'nvidia', holders },
    {
      '/proc/4242/fd/3': undefined,
      '/proc/4242/maps': { type: 'file', mode: 0o444, uid: 0, gid: 0, text },
    },
  );
  expect(device?.holders).toEqual([{ pid: 4242, name: 'python3', path: '/dev/nvidia0' }]);
});
