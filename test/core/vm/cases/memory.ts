import { GIB, MIB, type RuleCase } from './rule-case.ts';

const HUGE = { hugepages: true, hugepage_size: GIB, reserve: true };
const FOUR_GIB = { id: 'a', size: 4 * GIB };

function ram(memory: Readonly<Record<string, unknown>>) {
  return { memory: { size: 8 * GIB, ...memory } };
}

function zones(...list: readonly Readonly<Record<string, unknown>>[]) {
  return { memory: { size: 0, zones: list.map((zone) => ({ ...FOUR_GIB, ...zone })) } };
}

export const memoryCases: readonly RuleCase[] = [
  {
    id: 'C-MEM-1',
    says: 'a hugepage size needs hugepages',
    at: '/memory/hugepage_size',
    breaks: { vm: ram({ hugepage_size: GIB }) },
    allows: { vm: ram(HUGE) },
  },
  {
    id: 'C-MEM-2',
    says: 'a hugepage size is a power of 2',
    at: '/memory/hugepage_size',
    breaks: { vm: { memory: { size: 3 * GIB, ...HUGE, hugepage_size: 3 * MIB } } },
    allows: { vm: ram({ ...HUGE, hugepage_size: 2 * MIB }) },
  },
  {
    id: 'C-MEM-2',
    says: '0 is no power of 2',
    at: '/memory/hugepage_size',
    breaks: { vm: ram({ ...HUGE, hugepage_size: 0 }) },
    allows: { vm: ram({ ...HUGE, hugepage_size: 8 * GIB }) },
  },
  {
    id: 'C-MEM-3',
    says: 'shared memory cannot be merged',
    at: '/memory/mergeable',
    breaks: { vm: ram({ shared: true, mergeable: true }) },
    allows: { vm: ram({ shared: false, mergeable: true }) },
  },
  {
    id: 'C-ZON-1',
    says: 'a hugepage size of a zone needs hugepages',
    at: '/memory/zones/0/hugepage_size',
    breaks: { vm: zones({ hugepage_size: GIB }) },
    allows: { vm: zones(HUGE) },
  },
  {
    id: 'C-ZON-2',
    says: 'a hugepage size of a zone is a power of 2',
    at: '/memory/zones/0/hugepage_size',
    breaks: { vm: zones({ ...HUGE, size: 3 * GIB, hugepage_size: 3 * MIB }) },
    allows: { vm: zones({ ...HUGE, hugepage_size: 2 * MIB }) },
  },
  {
    id: 'C-ZON-3',
    says: 'a shared zone cannot be merged',
    at: '/memory/zones/0/mergeable',
    breaks: { vm: zones({ shared: true, mergeable: true }) },
    allows: { vm: zones({ shared: true, mergeable: false }) },
  },
  {
    id: 'R-MEM-1',
    says: 'there is RAM',
    at: '/memory/size',
    breaks: { vm: { memory: { size: 0, zones: [] } } },
    allows: { vm: zones({}) },
  },
  {
    id: 'R-MEM-1',
    says: 'a size without zones suffices, and so does no object at all',
    at: '/memory/size',
    breaks: { vm: { memory: { size: 0 } } },
    allows: { vm: { memory: undefined } },
  },
  {
    id: 'R-MEM-2',
    says: 'a size and zones exclude each other',
    at: '/memory/size',
    breaks: { vm: ram({ zones: [FOUR_GIB] }) },
    allows: { vm: zones({}) },
  },
  {
    id: 'R-MEM-3',
    says: 'another process needs RAM to map',
    at: '/memory/size',
    breaks: {
      vm: { memory: { size: 0 }, fs: [{ tag: 'models', socket: '/run/fs.sock' }] },
      also: ['R-MEM-1'],
    },
    allows: {
      vm: { ...zones({ shared: true }), fs: [{ tag: 'models', socket: '/run/fs.sock' }] },
    },
  },
  {
    id: 'R-MEM-3',
    says: 'a list without devices needs no RAM to map',
    at: '/memory/size',
    breaks: {
      vm: { memory: { size: 0 }, user_devices: [{ socket: '/run/u.sock' }] },
      also: ['R-MEM-1'],
    },
    allows: {
      vm: { memory: { size: 0 }, fs: [], user_devices: [], generic_vhost_user: [] },
      also: ['R-MEM-1'],
    },
  },
  {
    id: 'R-MEM-3',
    says: 'a vhost-user disk is another process, too',
    at: '/memory/size',
    breaks: {
      vm: { memory: { size: 0 }, disks: [{ vhost_user: true, vhost_socket: '/run/d.sock' }] },
      also: ['R-MEM-1'],
    },
    allows: { vm: zones({}) },
  },
  {
    id: 'R-MEM-4',
    says: 'RAM comes in whole pages',
    at: '/memory/size',
    breaks: { vm: { memory: { size: 8 * GIB + 4095 } } },
    allows: { vm: { memory: { size: 8 * GIB + 4096 } } },
  },
  {
    id: 'R-MEM-4',
    says: 'each zone comes in whole hugepages',
    at: '/memory/zones/0/size',
    breaks: { vm: zones({ ...HUGE, size: GIB + 2 * MIB }) },
    allows: { vm: zones({ ...HUGE, hugepage_size: 2 * MIB, size: GIB + 2 * MIB }) },
  },
  {
    id: 'R-MEM-5',
    says: 'a zone has its own id',
    at: '/memory/zones/1/id',
    breaks: { vm: zones({}, {}), also: ['C-ID-2'] },
    allows: { vm: zones({}, { id: 'b' }) },
  },
  {
    id: 'R-MEM-6',
    says: 'a shared zone with a file has no host node',
    at: '/memory/zones/0/host_numa_node',
    breaks: { vm: zones({ file: '/dev/shm', shared: true, host_numa_node: 0 }) },
    allows: { vm: zones({ file: '/dev/shm', host_numa_node: 0 }) },
  },
  {
    id: 'R-MEM-7',
    says: 'a zone grows with VirtioMem only',
    at: '/memory/zones/0/hotplug_size',
    breaks: { vm: zones({ hotplug_size: GIB }) },
    allows: { vm: { ...zones({ hotplug_size: GIB }), 'memory.hotplug_method': 'VirtioMem' } },
  },
  {
    id: 'R-MEM-8',
    says: 'what is plugged at boot is at most what can be plugged',
    at: '/memory/hotplugged_size',
    breaks: {
      vm: ram({ hotplug_method: 'VirtioMem', hotplug_size: GIB, hotplugged_size: GIB + MIB }),
    },
    allows: { vm: ram({ hotplug_method: 'VirtioMem', hotplug_size: GIB, hotplugged_size: GIB }) },
  },
  {
    id: 'R-MEM-8',
    says: 'nothing can be plugged at boot without a hotplug size',
    at: '/memory/hotplugged_size',
    breaks: { vm: ram({ hotplug_method: 'VirtioMem', hotplugged_size: 0 }) },
    allows: { vm: ram({ hotplug_size: GIB }) },
  },
  {
    id: 'R-MEM-8',
    says: 'ACPI plugs nothing at boot, in zones neither',
    at: '/memory/zones/0/hotplugged_size',
    breaks: { vm: zones({ hotplug_size: GIB, hotplugged_size: GIB }), also: ['R-MEM-7'] },
    allows: {
      vm: {
        ...zones({ hotplug_size: GIB, hotplugged_size: GIB }),
        'memory.hotplug_method': 'VirtioMem',
      },
    },
  },
  {
    id: 'R-MEM-9',
    says: 'the host has free hugepages for all RAM',
    at: '/memory',
    breaks: { vm: ram(HUGE), probe: { freeHugepages: new Map([[GIB, 7]]) } },
    allows: { vm: ram(HUGE), probe: { freeHugepages: new Map([[GIB, 8]]) } },
  },
  {
    id: 'R-MEM-9',
    says: 'zones add up, and pages of another size do not help',
    at: '/memory',
    breaks: {
      vm: zones(HUGE, { ...HUGE, id: 'b' }),
      probe: { freeHugepages: new Map([[2 * MIB, 9999]]) },
    },
    allows: {
      vm: zones(HUGE, { ...HUGE, id: 'b' }),
      probe: { freeHugepages: new Map([[GIB, 8]]) },
    },
  },
  {
    id: 'R-MEM-10',
    says: 'the node has free hugepages for its zones',
    at: '/memory/zones/1/size',
    breaks: {
      vm: zones({ ...HUGE, host_numa_node: 1 }, { ...HUGE, id: 'b', host_numa_node: 1 }),
      probe: { freeHugepagesByNode: new Map([[1, new Map([[GIB, 7]])]]) },
    },
    allows: {
      vm: zones({ ...HUGE, host_numa_node: 1 }, { ...HUGE, id: 'b', host_numa_node: 1 }),
      probe: { freeHugepagesByNode: new Map([[1, new Map([[GIB, 8]])]]) },
    },
  },
  {
    id: 'R-MEM-10',
    says: 'a node that the host does not have has no pages',
    at: '/memory/zones/0/size',
    breaks: {
      vm: zones({ ...HUGE, host_numa_node: 7 }),
      probe: { freeHugepagesByNode: new Map([[0, new Map([[GIB, 8]])]]) },
    },
    allows: {
      vm: zones(HUGE),
      probe: { freeHugepagesByNode: new Map([[0, new Map([[GIB, 8]])]]) },
    },
  },
];
