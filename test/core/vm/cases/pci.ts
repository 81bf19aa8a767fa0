import type { BarProbe } from '../../../../src/core/vm/probe.ts';
import { GIB, GPU_PATH, gpu, MIB, type RuleCase } from './rule-case.ts';

const TWO_SEGMENTS = { 'platform.num_pci_segments': 2 };
const IOMMU_SEGMENT = { platform: { num_pci_segments: 2, iommu_segments: [1] } };
const USER = { 'memory.shared': true, user_devices: [{ socket: '/run/u.sock', pci_segment: 1 }] };

function disks(count: number) {
  return {
    disks: Array.from({ length: count }, (_, index) => ({
      path: `/srv/${index}.raw`,
      image_type: 'Raw',
    })),
  };
}

function bars(list: readonly BarProbe[]) {
  return { pciDevices: new Map([['0000:41:00.0', { bars: list }]]) };
}

function narrow(...megabytes: readonly number[]) {
  return bars(megabytes.map((size) => ({ sizeBytes: size * MIB, is64Bit: false })));
}

function wide(...gibibytes: readonly number[]) {
  return bars(gibibytes.map((size) => ({ sizeBytes: size * GIB, is64Bit: true })));
}

export const pciCases: readonly RuleCase[] = [
  {
    id: 'C-PCI-1',
    says: 'a device is on a segment of the VM',
    at: ['/net/0/pci_segment', '/rng/pci_segment'],
    breaks: { vm: { 'net.0.pci_segment': 1, 'rng.pci_segment': 1 } },
    allows: { vm: { ...TWO_SEGMENTS, 'net.0.pci_segment': 1, 'rng.pci_segment': 1 } },
  },
  {
    id: 'C-PCI-2',
    says: 'a device on an IOMMU segment is behind the IOMMU',
    at: '/net/0/pci_segment',
    breaks: { vm: { ...IOMMU_SEGMENT, 'net.0.pci_segment': 1 } },
    allows: {
      vm: { ...IOMMU_SEGMENT, 'net.0.pci_segment': 1, 'net.0.iommu': true },
      also: ['G-9'],
    },
  },
  {
    id: 'C-PCI-3',
    says: 'a segment has 32 slots',
    at: '/net/0/pci_device_id',
    breaks: { vm: { 'net.0.pci_device_id': 32 } },
    allows: { vm: { 'net.0.pci_device_id': 31 } },
  },
  {
    id: 'C-PCI-4',
    says: 'slot 0 of segment 0 is taken',
    at: '/net/0/pci_device_id',
    breaks: { vm: { 'net.0.pci_device_id': 0 }, version: '54.0' },
    allows: { vm: { 'net.0.pci_device_id': 1 }, version: '54.0' },
  },
  {
    id: 'C-PCI-4',
    says: 'slot 0 of other segments is free from version 54 on',
    at: '/net/0/pci_device_id',
    breaks: { vm: { ...TWO_SEGMENTS, 'net.0.pci_segment': 1, 'net.0.pci_device_id': 0 } },
    allows: {
      vm: { ...TWO_SEGMENTS, 'net.0.pci_segment': 1, 'net.0.pci_device_id': 0 },
      version: '54.0',
    },
  },
  {
    id: 'C-PCI-4',
    says: 'a version that is not known may be an old one',
    at: '/net/0/pci_device_id',
    breaks: {
      vm: { ...TWO_SEGMENTS, 'net.0.pci_segment': 1, 'net.0.pci_device_id': 0 },
      version: '',
    },
    allows: { version: '' },
  },
  {
    id: 'C-PCI-5',
    says: 'version 51 takes no such device on an IOMMU segment, later ones name another rule',
    at: '/user_devices/0/pci_segment',
    breaks: { vm: { ...IOMMU_SEGMENT, ...USER }, version: '51.2', also: ['C-PCI-2', 'G-12'] },
    allows: { vm: { ...IOMMU_SEGMENT, ...USER }, also: ['C-PCI-2'] },
  },
  {
    id: 'C-PLT-1',
    says: 'there are 96 segments at most',
    at: '/platform/num_pci_segments',
    breaks: { vm: { 'platform.num_pci_segments': 97 } },
    allows: { vm: { 'platform.num_pci_segments': 96 } },
  },
  {
    id: 'C-PLT-1',
    says: 'there is one segment at least',
    at: '/platform/num_pci_segments',
    breaks: {
      vm: { 'platform.num_pci_segments': 0 },
      also: ['C-PCI-1'],
    },
    allows: { vm: { platform: {} } },
  },
  {
    id: 'C-PLT-2',
    says: 'the IOMMU is on segments of the VM',
    at: '/platform/iommu_segments/1',
    breaks: { vm: { platform: { num_pci_segments: 2, iommu_segments: [1, 2] } } },
    allows: { vm: IOMMU_SEGMENT },
  },
  {
    id: 'C-PLT-3',
    says: 'an address has 64 bits at most',
    at: '/platform/iommu_address_width_bits',
    breaks: { vm: { 'platform.iommu_address_width_bits': 65 } },
    allows: { vm: { 'platform.iommu_address_width_bits': 64 } },
  },
  {
    id: 'C-PLT-4',
    says: 'a descriptor of iommufd needs iommufd',
    at: '/platform/iommufd_fd',
    breaks: { vm: { 'platform.iommufd_fd': 3 } },
    allows: { vm: { platform: { iommufd_fd: 3, iommufd: true, vfio_p2p_dma: false } } },
  },
  {
    id: 'C-SEG-1',
    says: 'weights are for segments of the VM',
    at: '/pci_segments/0/pci_segment',
    breaks: { vm: { pci_segments: [{ pci_segment: 1 }] } },
    allows: { vm: { pci_segments: [{}] } },
  },
  {
    id: 'C-SEG-2',
    says: 'a segment has some 32-bit area',
    at: '/pci_segments/0/mmio32_aperture_weight',
    breaks: { vm: { pci_segments: [{ pci_segment: 0, mmio32_aperture_weight: 0 }] } },
    allows: { vm: { pci_segments: [{ pci_segment: 0, mmio32_aperture_weight: 1 }] } },
  },
  {
    id: 'C-SEG-3',
    says: 'a segment has some 64-bit area',
    at: '/pci_segments/0/mmio64_aperture_weight',
    breaks: { vm: { pci_segments: [{ pci_segment: 0, mmio64_aperture_weight: 0 }] } },
    allows: { vm: { pci_segments: [{ pci_segment: 0, mmio64_aperture_weight: 1 }] } },
  },
  {
    id: 'R-PCI-1',
    says: 'a slot has one device',
    at: '/net/0/pci_device_id',
    breaks: { vm: { 'disks.0.pci_device_id': 5, 'net.0.pci_device_id': 5 } },
    allows: {
      vm: {
        ...TWO_SEGMENTS,
        'disks.0.pci_device_id': 5,
        'net.0.pci_device_id': 5,
        'net.0.pci_segment': 1,
      },
    },
  },
  {
    id: 'R-PCI-2',
    says: 'segment 0 has 31 slots; the random number generator is always there, the console if it is on',
    at: '',
    breaks: { vm: { ...disks(29), rng: undefined, watchdog: true } },
    allows: { vm: { ...disks(29), rng: undefined } },
  },
  {
    id: 'R-PCI-2',
    says: 'other segments do not count, a console without a word does',
    at: '',
    breaks: { vm: { ...disks(29), console: undefined }, also: ['R-CON-3', 'G-2'] },
    allows: { vm: { ...TWO_SEGMENTS, ...disks(30), 'disks.0.pci_segment': 1 } },
  },
  {
    id: 'R-PCI-3',
    says: 'the 32-bit BARs fit into 640 MiB',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: narrow(512, 128, 1) },
    allows: { vm: gpu, probe: narrow(128, 512) },
  },
  {
    id: 'R-PCI-3',
    says: 'segments share the 32-bit area by weight',
    at: '/devices/0/path',
    breaks: { vm: { ...gpu, ...TWO_SEGMENTS }, probe: narrow(512) },
    allows: {
      vm: { ...gpu, ...TWO_SEGMENTS, pci_segments: [{ mmio32_aperture_weight: 4 }] },
      probe: narrow(512),
    },
  },
  {
    id: 'R-PCI-3',
    says: 'the 64-bit BARs fit above the RAM, each aligned to its size',
    at: '/devices/0/path',
    breaks: { vm: { ...gpu, 'cpus.max_phys_bits': 38 }, probe: wide(128, 128) },
    allows: { vm: { ...gpu, 'cpus.max_phys_bits': 38 }, probe: wide(128, 64) },
  },
  {
    id: 'R-PCI-3',
    says: 'the address width of the host counts, and a device on another segment does not',
    at: '/devices/0/path',
    breaks: { vm: gpu, probe: { ...wide(128, 128), physicalAddressBits: 38 } },
    allows: {
      vm: {
        devices: [{ path: GPU_PATH, pci_segment: 1 }],
        ...TWO_SEGMENTS,
        pci_segments: [{ pci_segment: 1, mmio64_aperture_weight: 3 }],
      },
      probe: { ...wide(128), physicalAddressBits: 39 },
    },
  },
];
