import type { GroupMember, IommuGroupProbe, PciProbe } from '../../../../src/core/vm/probe.ts';
import { GIB, GPU_PATH, gpu, type RuleCase } from './rule-case.ts';

const ADDRESS = '0000:41:00.0';
const OTHER_PATH = '/sys/bus/pci/devices/0000:61:00.0';
const IOMMUFD = { platform: { iommufd: true, iommufd_fd: 4, vfio_p2p_dma: false } };
const GPU: GroupMember = { address: ADDRESS, driver: 'vfio-pci', classCode: 0x03_02_00 };
const AUDIO: GroupMember = { address: '0000:41:00.1', driver: undefined, classCode: 0x04_03_00 };
const BRIDGE: GroupMember = { address: '0000:40:01.0', driver: 'pcieport', classCode: 0x06_04_00 };

function group(found: Partial<IommuGroupProbe>) {
  return {
    pciDevices: new Map([
      [ADDRESS, { iommuGroup: 42 }],
      ['0000:41:00.1', { iommuGroup: 42 }],
    ]),
    iommuGroups: new Map([[42, { members: [GPU, AUDIO], ...found }]]),
  };
}

function nvidia(device: PciProbe) {
  return { pciDevices: new Map([[ADDRESS, { vendorId: '10de', ...device }]]) };
}

function device(value: Readonly<Record<string, unknown>>) {
  return { devices: [{ path: GPU_PATH, ...value }] };
}

export const vfioCases: readonly RuleCase[] = [
  {
    id: 'C-DEV-1',
    says: 'a device is named once',
    at: '/devices/1/path',
    breaks: { vm: { devices: [{ path: GPU_PATH }, { path: GPU_PATH }] } },
    allows: { vm: { devices: [{ path: GPU_PATH }, { path: OTHER_PATH }] } },
  },
  {
    id: 'C-DEV-2',
    says: 'a device has a path',
    at: '/devices/0/path',
    breaks: { vm: { devices: [{ id: 'gpu0' }] } },
    allows: { vm: gpu },
  },
  {
    id: 'C-DEV-3',
    says: 'a device has a path or a descriptor',
    at: '/devices/0/fd',
    breaks: {
      vm: {
        ...device({ fd: 3 }),
        platform: { iommufd: true, iommufd_fd: 4, vfio_p2p_dma: false },
      },
    },
    allows: {
      vm: {
        devices: [{ fd: 3 }],
        platform: { iommufd: true, iommufd_fd: 4, vfio_p2p_dma: false },
      },
    },
  },
  {
    id: 'C-DEV-4',
    says: 'a descriptor needs one of iommufd',
    at: '/devices/0/fd',
    breaks: { vm: { devices: [{ fd: 3 }] } },
    allows: {
      vm: {
        devices: [{ fd: 3 }],
        platform: { iommufd: true, iommufd_fd: 4, vfio_p2p_dma: false },
      },
    },
  },
  {
    id: 'C-DEV-5',
    says: 'a clique needs peer-to-peer DMA',
    at: '/devices/0/x_nv_gpudirect_clique',
    breaks: { vm: { ...device({ x_nv_gpudirect_clique: 0 }), 'platform.vfio_p2p_dma': false } },
    allows: { vm: device({ x_nv_gpudirect_clique: 0 }) },
  },
  {
    id: 'C-DEV-6',
    says: 'a device has BARs 0 to 5',
    at: '/devices/0/x_exclude_mmap_bars/1',
    breaks: { vm: device({ x_exclude_mmap_bars: [0, 6] }) },
    allows: { vm: device({ x_exclude_mmap_bars: [0, 5] }) },
  },
  {
    id: 'R-VFIO-1',
    says: 'all endpoints of the group are free; bridges do not count',
    at: '/devices/0/path',
    breaks: {
      vm: gpu,
      probe: group({ members: [GPU, { ...AUDIO, driver: 'snd_hda_intel' }] }),
    },
    allows: { vm: gpu, probe: group({ members: [GPU, AUDIO, BRIDGE] }) },
  },
  {
    id: 'R-VFIO-1',
    says: 'a group is named once, at its first device',
    at: '/devices/0/path',
    breaks: {
      vm: {
        devices: [{ path: GPU_PATH }, { path: '/sys/bus/pci/devices/0000:41:00.1' }],
      },
      probe: group({ members: [{ ...GPU, driver: 'nvidia' }] }),
    },
    allows: { vm: gpu, probe: { pciDevices: new Map([[ADDRESS, { iommuGroup: 42 }]]) } },
  },
  {
    id: 'R-VFIO-2',
    says: 'no other process has the group',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: group({ isInUse: true }) },
    allows: { vm: gpu, probe: group({ isInUse: false }) },
  },
  {
    id: 'R-VFIO-3',
    says: 'the unit may lock all RAM',
    at: '/devices',
    breaks: { vm: gpu, probe: { memlockLimitBytes: 8 * GIB - 1 } },
    allows: { vm: gpu, probe: { memlockLimitBytes: 8 * GIB } },
  },
  {
    id: 'R-VFIO-3',
    says: 'each device behind the IOMMU pins all RAM again',
    at: '/devices',
    breaks: {
      vm: {
        devices: [
          { path: GPU_PATH, iommu: true },
          { path: OTHER_PATH, iommu: true },
        ],
      },
      probe: { memlockLimitBytes: 16 * GIB - 1 },
      also: ['G-9'],
    },
    allows: {
      vm: {
        devices: [
          { path: GPU_PATH, iommu: true },
          { path: OTHER_PATH, iommu: true },
        ],
      },
      probe: { memlockLimitBytes: Number.POSITIVE_INFINITY },
      also: ['G-9'],
    },
  },
  {
    id: 'R-VFIO-4',
    says: 'iommufd maps BARs from Linux 6.19 on',
    at: '/platform/iommufd',
    breaks: {
      vm: { 'platform.iommufd': true },
      probe: { kernel: { major: 6, minor: 18 } },
      also: ['G-15'],
    },
    allows: {
      vm: { 'platform.iommufd': true },
      probe: { kernel: { major: 6, minor: 19 } },
      also: ['G-15'],
    },
  },
  {
    id: 'R-VFIO-4',
    says: 'a kernel that nobody has looked at may be old',
    at: '/platform/iommufd',
    breaks: { vm: { 'platform.iommufd': true }, also: ['G-15'] },
    allows: {
      vm: { 'platform.iommufd': true },
      probe: { kernel: { major: 7, minor: 0 } },
      also: ['G-15'],
    },
  },
  {
    id: 'R-VFIO-5',
    says: 'a clique has four bits',
    at: '/devices/0/x_nv_gpudirect_clique',
    breaks: { vm: device({ x_nv_gpudirect_clique: 16 }) },
    allows: { vm: device({ x_nv_gpudirect_clique: 15 }) },
  },
  {
    id: 'R-VFIO-6',
    says: 'the IOMMU reaches what the guest can address',
    at: '/cpus/max_phys_bits',
    breaks: { vm: gpu, probe: { iommuAddressBits: 39, physicalAddressBits: 46 } },
    allows: {
      vm: { ...gpu, 'cpus.max_phys_bits': 39 },
      probe: { iommuAddressBits: 39, physicalAddressBits: 46 },
    },
  },
  {
    id: 'R-VFIO-6',
    says: 'it need not without peer-to-peer DMA',
    at: '/cpus/max_phys_bits',
    breaks: { vm: gpu, probe: { iommuAddressBits: 45, physicalAddressBits: 52 } },
    allows: {
      vm: { ...gpu, 'platform.vfio_p2p_dma': false },
      probe: { iommuAddressBits: 39, physicalAddressBits: 46 },
    },
  },
  {
    id: 'R-VFIO-7',
    says: 'a device has one spelling',
    at: ['/devices/0/path', '/devices/1/path', '/devices/2/path', '/devices/3/path'],
    breaks: {
      vm: {
        devices: [
          { path: '/sys/bus/pci/devices/41:00.0' },
          { path: '/sys/bus/pci/devices/0000:4A:00.0' },
          { path: `${GPU_PATH}/` },
          { path: '/sys/bus//pci/devices/0000:61:00.0' },
        ],
      },
      also: ['G-7'],
    },
    allows: {
      vm: { devices: [{ path: GPU_PATH }, { path: '/sys/class/vfio/1' }] },
      also: ['G-7'],
    },
  },
  {
    id: 'R-VFIO-8',
    says: 'the account of the VM can open the group',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: group({ isNodeAccessible: false }) },
    allows: { vm: gpu, probe: group({ isNodeAccessible: true, isNodeAllowed: true }) },
  },
  {
    id: 'R-VFIO-8',
    says: 'the unit lets the group through',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: group({ isNodeAllowed: false }) },
    allows: { vm: gpu, probe: group({}) },
  },
  {
    id: 'R-VFIO-9',
    says: 'B200 and B300 need a root port',
    at: '/devices/0/path',
    breaks: { vm: gpu, version: '54.0', probe: nvidia({ deviceId: '2901', hasMsix: true }) },
    allows: { vm: gpu, version: '54.0', probe: nvidia({ deviceId: '2330', hasMsix: true }) },
  },
  {
    id: 'R-VFIO-9',
    says: 'GB200 and GB300 need version 54',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: nvidia({ deviceId: '31c2', hasMsix: true }) },
    allows: { vm: gpu, version: '54.0', probe: nvidia({ deviceId: '31c2', hasMsix: true }) },
  },
  {
    id: 'R-VFIO-9',
    says: 'a GPU has MSI-X, other devices need not',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: nvidia({ hasMsix: false }) },
    allows: { vm: gpu, probe: nvidia({ vendorId: '8086', hasMsix: false }) },
  },
  {
    id: 'R-VFIO-9',
    says: 'a vGPU is no PCI device',
    at: ['/devices/0/path', '/devices/1/path'],
    breaks: {
      vm: {
        devices: [
          { path: '/sys/bus/mdev/devices/1' },
          { path: '/sys/devices/pci0000:40/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001' },
        ],
      },
      also: ['G-7'],
    },
    allows: { vm: { devices: [{ fd: 3 }], ...IOMMUFD } },
  },
  {
    id: 'R-VFIO-10',
    says: 'pinned RAM cannot be given back or merged',
    at: ['/balloon', '/balloon/free_page_reporting', '/memory/mergeable'],
    breaks: {
      vm: {
        ...gpu,
        balloon: { size: GIB, free_page_reporting: true },
        'memory.mergeable': true,
      },
    },
    allows: { vm: { balloon: { size: GIB, free_page_reporting: true }, 'memory.mergeable': true } },
  },
  {
    id: 'R-VFIO-10',
    says: 'zones are pinned, too',
    at: '/memory/zones/0/mergeable',
    breaks: {
      vm: { ...gpu, memory: { size: 0, zones: [{ id: 'a', size: GIB, mergeable: true }] } },
    },
    allows: {
      vm: { ...gpu, memory: { size: 0, zones: [{ id: 'a', size: GIB, mergeable: false }] } },
    },
  },
];
