import type { RestoreConfig } from '../../../../src/core/vm/restore-config.ts';
import type { RuleCase } from './rule-case.ts';

const FDS = { 'net.0.fds': [-1, -1], 'net.0.num_queues': 4 };
const IOMMUFD = { 'platform.iommufd': true, 'platform.vfio_p2p_dma': false };
const FD_DEVICE = { devices: [{ id: 'gpu0', fd: -1 }], ...IOMMUFD, 'platform.iommufd_fd': -1 };
const GPU0 = { id: 'gpu0', fd: 5 };

function request(value: Partial<RestoreConfig>): RestoreConfig {
  return { source_url: 'file:///var/lib/vllmd/1/snapshot', ...value };
}

function zones(...ids: readonly string[]): RestoreConfig {
  return request({ zone_updates: ids.map((id) => ({ id, host_numa_node: 0 })) });
}

function nets(...list: readonly (readonly [string, number])[]): RestoreConfig {
  return request({ net_fds: list.map(([id, num_fds]) => ({ id, num_fds })) });
}

export const restoreCases: readonly RuleCase[] = [
  {
    id: 'C-RST-1',
    says: 'prefault and restore on demand exclude each other',
    at: '/restore/prefault',
    breaks: { restore: request({ prefault: true, memory_restore_mode: 'OnDemand' }) },
    allows: { restore: request({ prefault: true, memory_restore_mode: 'Copy' }) },
  },
  {
    id: 'C-RST-2',
    says: 'a card is listed once',
    at: '/restore/net_fds/1/id',
    breaks: { restore: nets(['net0', 1], ['net0', 1]) },
    allows: { restore: nets(['net0', 1], ['net1', 1]) },
  },
  {
    id: 'C-RST-3',
    says: 'a card gets as many descriptors as it had',
    at: '/restore/net_fds/0/num_fds',
    breaks: { vm: FDS, restore: nets(['net0', 1]), also: ['C-NET-3'] },
    allows: { vm: FDS, restore: nets(['net0', 2]), also: ['C-NET-3'] },
  },
  {
    id: 'C-RST-4',
    says: 'a card that had descriptors gets new ones',
    at: '/net/0/fds',
    breaks: { vm: FDS, restore: request({}), also: ['C-NET-3'] },
    allows: { vm: FDS, restore: nets(['net0', 2]), also: ['C-NET-3'] },
  },
  {
    id: 'C-RST-5',
    says: 'a zone is moved once',
    at: '/restore/zone_updates/1/id',
    breaks: { restore: zones('a', 'a') },
    allows: { restore: zones('a', 'b') },
  },
  {
    id: 'C-RST-6',
    says: 'a zone has an id',
    at: '/restore/zone_updates/0/id',
    breaks: { restore: zones('') },
    allows: { restore: zones('a') },
  },
  {
    id: 'C-RST-7',
    says: 'descriptors of devices need one of iommufd',
    at: '/restore/vfio_fds',
    breaks: { vm: FD_DEVICE, restore: request({ vfio_fds: [GPU0] }) },
    allows: { vm: FD_DEVICE, restore: request({ vfio_fds: [GPU0], iommufd_fd: 6 }) },
  },
  {
    id: 'C-RST-8',
    says: 'descriptors of devices need iommufd',
    at: '/restore/vfio_fds',
    breaks: {
      vm: { devices: [{ id: 'gpu0', path: '/sys/bus/pci/devices/0000:41:00.0' }] },
      restore: request({ vfio_fds: [GPU0], iommufd_fd: 6 }),
    },
    allows: { restore: request({ vfio_fds: [], iommufd_fd: 6 }) },
  },
  {
    id: 'C-RST-9',
    says: 'a device is listed once',
    at: '/restore/vfio_fds/1/id',
    breaks: { vm: FD_DEVICE, restore: request({ vfio_fds: [GPU0, GPU0], iommufd_fd: 6 }) },
    allows: { vm: FD_DEVICE, restore: request({ vfio_fds: [GPU0], iommufd_fd: 6 }) },
  },
  {
    id: 'C-RST-10',
    says: 'a listed device is in the snapshot',
    at: '/restore/vfio_fds/0/id',
    breaks: { vm: IOMMUFD, restore: request({ vfio_fds: [GPU0], iommufd_fd: 6 }) },
    allows: { vm: FD_DEVICE, restore: request({ vfio_fds: [GPU0], iommufd_fd: 6 }) },
  },
  {
    id: 'C-RST-11',
    says: 'a device that had a descriptor gets a new one',
    at: '/devices/0/fd',
    breaks: { vm: FD_DEVICE, restore: request({}) },
    allows: { vm: FD_DEVICE },
  },
];
