import { checkVms } from '../../../../src/core/vm/rules.ts';
import { contextOf, GIB, GPU_PATH, type Side, vmOf } from './rule-case.ts';

type Values = NonNullable<Side['vm']>;

type HostCase = {
  readonly id: string;
  readonly says: string;
  /** Where the second VM has the problem, and the message. */
  readonly problems: readonly string[];
  readonly breaks: readonly [Values, Values];
  readonly allows: readonly [Values, Values];
  readonly probe?: Side['probe'];
};

/** Nothing in them that a host has once. */
const ALONE: Values = { disks: [], net: [] };
export const HUGE = {
  memory: { size: 4 * GIB, hugepages: true, hugepage_size: GIB, reserve: true },
};
export const AUDIO_PATH = '/sys/bus/pci/devices/0000:41:00.1';

export const ONE_GROUP = {
  pciDevices: new Map([
    ['0000:41:00.0', { iommuGroup: 42 }],
    ['0000:41:00.1', { iommuGroup: 42 }],
    ['0000:61:00.0', { iommuGroup: 43 }],
  ]),
};

function net(mac: string, tap: string): Values {
  return { net: [{ mac, tap }] };
}

export function devices(...paths: readonly string[]): Values {
  return { devices: paths.map((path) => ({ path })) };
}

function disk(path: string, readonly: boolean): Values {
  return { disks: [{ path, readonly, image_type: 'Raw' }] };
}

/** A broken and a kept pair of every rule about all VMs of a host. */
export const hostCases: readonly HostCase[] = [
  {
    id: 'H-1',
    says: 'a MAC address belongs to one VM, however it is spelled',
    problems: [
      '/net/0/mac net[0].mac: MAC address "02:00:00:00:00:0a" is already used by runtime 3',
    ],
    breaks: [net('02:00:00:00:00:0A', 'a'), net('02:00:00:00:00:0a', 'b')],
    allows: [net('02:00:00:00:00:0a', 'a'), net('02:00:00:00:00:0b', 'b')],
  },
  {
    id: 'H-2',
    says: 'a tap belongs to one VM',
    problems: ['/net/0/tap net[0].tap: tap "vllmd1" is already used by runtime 3'],
    breaks: [net('02:00:00:00:00:01', 'vllmd1'), net('02:00:00:00:00:02', 'vllmd1')],
    allows: [{ net: [{}] }, { net: [{}] }],
  },
  {
    id: 'H-3',
    says: 'a vsock cid belongs to one VM',
    problems: ['/vsock/cid vsock.cid: vsock cid 3 is already used by runtime 3'],
    breaks: [{ vsock: { cid: 3, socket: '/run/a' } }, { vsock: { cid: 3, socket: '/run/b' } }],
    allows: [{ vsock: { cid: 3, socket: '/run/a' } }, { vsock: { cid: 4, socket: '/run/b' } }],
  },
  {
    id: 'H-4',
    says: 'a socket belongs to one VM, whatever it is for',
    problems: ['/vsock/socket vsock.socket: socket "/run/a" is already used by runtime 3'],
    breaks: [{ tpm: { socket: '/run/a' } }, { vsock: { cid: 3, socket: '/run/a' } }],
    allows: [{ tpm: { socket: '/run/a' } }, { tpm: { socket: '/run/b' } }],
  },
  {
    id: 'H-5',
    says: 'a device belongs to one VM, however it is spelled',
    problems: [
      '/devices/1/path devices[1].path: PCI device "0000:41:00.0" is already used by runtime 3',
    ],
    breaks: [devices(GPU_PATH), devices(AUDIO_PATH, '/sys/bus/pci/devices/41:00.0/')],
    allows: [devices(GPU_PATH), devices(AUDIO_PATH, '/sys/bus/mdev/devices/1')],
  },
  {
    id: 'H-6',
    says: 'a group belongs to one VM',
    problems: [
      '/devices/0/path devices[0].path: IOMMU group 42 (0000:41:00.1) is already used by runtime 3',
    ],
    breaks: [devices(GPU_PATH), devices(AUDIO_PATH)],
    allows: [devices(GPU_PATH, AUDIO_PATH), devices('/sys/bus/pci/devices/0000:61:00.0')],
    probe: ONE_GROUP,
  },
  {
    id: 'H-7',
    says: 'a disk that one VM writes belongs to it alone',
    problems: ['/disks/0/path disks[0].path: disk "/srv/a.raw" is already used by runtime 3'],
    breaks: [disk('/srv/a.raw', true), disk('/srv/a.raw', false)],
    allows: [disk('/srv/a.raw', true), disk('/srv/a.raw', true)],
  },
  {
    id: 'H-8',
    says: 'the host has hugepages for all VMs',
    problems: [
      '/memory memory: all VMs together need 8 hugepages of 1073741824 bytes, the host has 7',
    ],
    breaks: [HUGE, HUGE],
    allows: [HUGE, { memory: { ...HUGE.memory, size: 3 * GIB } }],
    probe: { hugepages: new Map([[GIB, 7]]) },
  },
];

/** What is wrong with runtimes 3 and 7 together. */
export function hostProblems(
  [first, second]: readonly [Values, Values],
  probe: Side['probe'] = {},
) {
  const vms = [
    { index: 3, vm: vmOf({ vm: { ...ALONE, ...first } }) },
    { index: 7, vm: vmOf({ vm: { ...ALONE, ...second } }) },
  ];
  return checkVms(vms, contextOf({ probe }));
}
