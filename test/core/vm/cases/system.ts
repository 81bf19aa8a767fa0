import { GIB, gpu, type RuleCase, vmOf } from './rule-case.ts';

const HUGE = { hugepages: true, hugepage_size: GIB, prefault: true };
const VSOCK = { vsock: { cid: 3, socket: '/run/v.sock' } };

/** Makes a definition that is just as many bytes of JSON. */
function bytesOfJson(bytes: number) {
  const shortest = vmOf({ vm: { 'platform.oem_strings': [''] } });
  const rest = bytes - JSON.stringify(shortest).length;
  return { 'platform.oem_strings': [`${'x'.repeat(rest - 2)}é`] };
}

export const systemCases: readonly RuleCase[] = [
  {
    id: 'R-SYS-1',
    says: 'a socket path has 107 bytes at most',
    at: '/vsock/socket',
    breaks: { vm: { vsock: { cid: 3, socket: `/${'a'.repeat(107)}` } } },
    allows: { vm: { vsock: { cid: 3, socket: `/${'a'.repeat(106)}` } } },
  },
  {
    id: 'R-SYS-1',
    says: 'every kind of socket counts, in UTF-8',
    at: ['/tpm/socket', '/fs/0/socket'],
    breaks: {
      vm: {
        'memory.shared': true,
        tpm: { socket: `/${'a'.repeat(107)}` },
        fs: [{ tag: 'models', socket: `/${'é'.repeat(54)}` }],
      },
      also: ['G-16'],
    },
    allows: { vm: { tpm: { socket: `/${'é'.repeat(53)}` } }, also: ['G-16'] },
  },
  {
    id: 'R-SYS-2',
    says: 'the socket of vsock must not exist yet',
    at: '/vsock/socket',
    breaks: { vm: VSOCK, probe: { existingSockets: new Set(['/run/v.sock']) } },
    allows: { vm: VSOCK, probe: { existingSockets: new Set() } },
  },
  {
    id: 'R-SYS-3',
    says: 'the request has 51200 bytes at most, in UTF-8',
    at: '',
    breaks: { vm: bytesOfJson(51_201) },
    allows: { vm: bytesOfJson(51_200) },
  },
  {
    id: 'R-SYS-3',
    says: 'the request has 4 MiB at most from version 54 on',
    at: '',
    breaks: { vm: bytesOfJson(4 * 2 ** 20 + 1), version: '54.0' },
    allows: { vm: bytesOfJson(4 * 2 ** 20), version: '54.0' },
  },
  {
    id: 'R-SYS-4',
    says: 'an unknown key is found wherever it is, and nothing below it',
    at: ['/memory/hugepage', '/disks/0/num_queue', '/flux'],
    breaks: {
      vm: { 'disks.0.num_queue': 1, 'memory.hugepage': true, flux: { size: 1, more: [{ a: 1 }] } },
    },
    allows: { vm: { 'disks.0.num_queues': 1, 'disks.0.typo': undefined } },
    isMalformed: true,
  },
  {
    id: 'R-SYS-4',
    says: 'names that every object inherits are unknown keys like others',
    at: ['/constructor', '/disks/0/toString'],
    breaks: { vm: { constructor: 'x', 'disks.0.toString': 'y' } },
    allows: {},
    isMalformed: true,
  },
  {
    id: 'R-SYS-5',
    says: 'a key is known to the installed version',
    at: '/disks/0/lock_granularity',
    breaks: {
      vm: { 'disks.0.lock_granularity': 'Full' },
      version: '51.2',
      also: ['G-12'],
    },
    allows: { vm: { 'disks.0.lock_granularity': 'Full' }, version: '' },
  },
  {
    id: 'R-SYS-5',
    says: 'an object that is not known stands for its keys',
    at: '/rtc',
    breaks: { vm: { rtc: { pci_device_id: 5 } }, version: '51.2', also: ['G-12'] },
    allows: { vm: { rtc: { pci_device_id: 5 } } },
  },
  {
    id: 'R-SYS-5',
    says: 'a value is known to the installed version',
    at: '/disks/0/image_type',
    breaks: { vm: { 'disks.0.image_type': 'FlatVmdk' } },
    allows: { vm: { 'disks.0.image_type': 'FlatVmdk' }, version: '54.0' },
  },
  {
    id: 'R-SYS-6',
    says: 'version 52.0 takes twice the RAM unless it is shared',
    at: '/memory',
    breaks: { version: '52.0', also: ['G-12'] },
    allows: { vm: { 'memory.shared': true }, version: '52.0', also: ['G-12'] },
  },
  {
    id: 'R-SYS-6',
    says: 'version 52.0 takes twice the RAM unless it is in hugepages',
    at: '/memory',
    breaks: { version: '52.0.3', also: ['G-12'] },
    allows: { vm: { memory: { size: 8 * GIB, ...HUGE } }, version: '52.0', also: ['G-12'] },
  },
  {
    id: 'R-SYS-7',
    says: 'the vfio module is loaded before the unit starts',
    at: '/devices',
    breaks: { vm: gpu, probe: { isVfioLoaded: false } },
    allows: { vm: { devices: [] }, probe: { isVfioLoaded: false } },
  },
];
