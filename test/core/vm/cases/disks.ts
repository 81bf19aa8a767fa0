import type { FileProbe } from '../../../../src/core/vm/probe.ts';
import type { RuleCase } from './rule-case.ts';

const ROOT = '/var/lib/vllmd/1/root.raw';
const SHARED = { 'memory.shared': true };
const LIMIT = { ops: { size: 1, refill_time: 1 } };
const GROUP = { rate_limit_groups: [{ id: 'slow', rate_limiter_config: LIMIT }] };

function backend(disk: Readonly<Record<string, unknown>>) {
  return { disks: [{ vhost_user: true, vhost_socket: '/run/d.sock', ...disk }] };
}

function image(file: Partial<FileProbe>) {
  const found = { isThere: true, isReadable: true, isWritable: true, ...file };
  return { files: new Map([[ROOT, found]]) };
}

export const diskCases: readonly RuleCase[] = [
  {
    id: 'C-DSK-1',
    says: 'a disk is an image or a socket',
    at: '/disks/0/vhost_socket',
    breaks: { vm: { ...SHARED, 'disks.0.vhost_socket': '/run/d.sock' } },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'C-DSK-2',
    says: 'a disk of another process needs shared memory',
    at: '/disks/0/vhost_user',
    breaks: { vm: backend({}) },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'C-DSK-2',
    says: 'zones must all be shared; hugepages are',
    at: '/disks/0/vhost_user',
    breaks: {
      vm: {
        ...backend({}),
        memory: {
          size: 0,
          zones: [
            { id: 'a', size: 4096, shared: true },
            { id: 'b', size: 4096 },
          ],
        },
      },
    },
    allows: {
      vm: {
        ...backend({}),
        memory: {
          size: 0,
          zones: [
            { id: 'a', size: 4096, shared: true },
            { id: 'b', size: 2 ** 21, hugepages: true, hugepage_size: 2 ** 21, reserve: true },
          ],
        },
      },
    },
  },
  {
    id: 'C-DSK-2',
    says: 'the RAM is not shared unless told otherwise',
    at: '/disks/0/vhost_user',
    breaks: { vm: { ...backend({}), memory: undefined } },
    allows: { vm: { memory: undefined } },
  },
  {
    id: 'C-DSK-3',
    says: 'a disk of another process has its socket',
    at: '/disks/0/vhost_socket',
    breaks: { vm: { ...SHARED, ...backend({ vhost_socket: undefined }) }, also: ['R-DSK-1'] },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'C-DSK-4',
    says: 'a disk of another process has no limit',
    at: '/disks/0/rate_limiter_config',
    breaks: { vm: { ...SHARED, ...backend({ rate_limiter_config: LIMIT }) } },
    allows: { vm: { 'disks.0.rate_limiter_config': LIMIT } },
  },
  {
    id: 'C-DSK-4',
    says: 'a disk of another process is in no group',
    at: '/disks/0/rate_limit_group',
    breaks: { vm: { ...SHARED, ...GROUP, ...backend({ rate_limit_group: 'slow' }) } },
    allows: { vm: { ...GROUP, 'disks.0.rate_limit_group': 'slow' } },
  },
  {
    id: 'C-DSK-5',
    says: 'a disk of another process is not behind the IOMMU',
    at: '/disks/0/iommu',
    breaks: { vm: { ...SHARED, ...backend({ iommu: true }) }, also: ['G-9'] },
    allows: { vm: { ...SHARED, ...backend({ iommu: false }) } },
  },
  {
    id: 'C-DSK-6',
    says: 'a disk names a group that is there',
    at: '/disks/0/rate_limit_group',
    breaks: { vm: { ...GROUP, 'disks.0.rate_limit_group': 'fast' } },
    allows: { vm: { ...GROUP, 'disks.0.rate_limit_group': 'slow' } },
  },
  {
    id: 'C-DSK-6',
    says: 'there may be no groups at all',
    at: '/disks/0/rate_limit_group',
    breaks: { vm: { 'disks.0.rate_limit_group': 'slow' } },
    allows: {},
  },
  {
    id: 'C-DSK-7',
    says: 'a disk has its own limit or a group',
    at: '/disks/0/rate_limiter_config',
    breaks: {
      vm: { ...GROUP, 'disks.0.rate_limit_group': 'slow', 'disks.0.rate_limiter_config': LIMIT },
    },
    allows: { vm: { ...GROUP, 'disks.0.rate_limit_group': 'slow' } },
  },
  {
    id: 'C-DSK-8',
    says: 'a disk has one queue a vCPU at boot',
    at: '/disks/0/num_queues',
    breaks: { vm: { 'disks.0.num_queues': 5, 'cpus.max_vcpus': 8 } },
    allows: { vm: { 'disks.0.num_queues': 4 } },
  },
  {
    id: 'C-DSK-8',
    says: 'a VM without a word on CPUs has one vCPU',
    at: '/disks/0/num_queues',
    breaks: { vm: { 'disks.0.num_queues': 2, cpus: undefined } },
    allows: { vm: { cpus: undefined } },
  },
  {
    id: 'C-DSK-9',
    says: 'a queue size is a power of 2',
    at: '/disks/0/queue_size',
    breaks: { vm: { 'disks.0.queue_size': 129 } },
    allows: { vm: { 'disks.0.queue_size': 32_768 } },
  },
  {
    id: 'C-DSK-10',
    says: 'a queue size is above 2',
    at: '/disks/0/queue_size',
    breaks: { vm: { 'disks.0.queue_size': 2 } },
    allows: { vm: { 'disks.0.queue_size': 4 } },
  },
  {
    id: 'C-DSK-11',
    says: 'a serial number has 20 bytes at most, in UTF-8',
    at: '/disks/0/serial',
    breaks: { vm: { 'disks.0.serial': `${'a'.repeat(19)}é` } },
    allows: { vm: { 'disks.0.serial': 'é'.repeat(10) } },
  },
  {
    id: 'C-RL-1',
    says: 'a group limits something',
    at: ['/rate_limit_groups/0/rate_limiter_config', '/rate_limit_groups/1/rate_limiter_config'],
    breaks: { vm: { rate_limit_groups: [{ id: 'a', rate_limiter_config: {} }, { id: 'b' }] } },
    allows: {
      vm: {
        rate_limit_groups: [
          { id: 'a', rate_limiter_config: { bandwidth: { size: 1, refill_time: 1 } } },
        ],
      },
    },
  },
  {
    id: 'C-RL-2',
    says: 'a group has an id',
    at: ['/rate_limit_groups/0/id', '/rate_limit_groups/1/id'],
    breaks: {
      vm: {
        rate_limit_groups: [{ id: '', rate_limiter_config: LIMIT }, { rate_limiter_config: LIMIT }],
      },
    },
    allows: { vm: GROUP },
  },
  {
    id: 'R-DSK-1',
    says: 'a disk is something',
    at: '/disks/0/path',
    breaks: { vm: { 'disks.0.path': undefined } },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'R-DSK-2',
    says: 'an image that is written can be written',
    at: '/disks/0/path',
    breaks: { probe: image({ isWritable: false }) },
    allows: { probe: image({}) },
  },
  {
    id: 'R-DSK-2',
    says: 'an image that is only read need not be writable',
    at: '/disks/0/path',
    breaks: { probe: image({ isReadable: false }) },
    allows: { vm: { 'disks.0.readonly': true }, probe: image({ isWritable: false }) },
  },
  {
    id: 'R-DSK-2',
    says: 'an image exists',
    at: '/disks/0/path',
    breaks: { probe: image({ isThere: false, isReadable: false, isWritable: false }) },
    allows: { probe: { files: new Map() } },
  },
  {
    id: 'R-DSK-3',
    says: 'the type of an image is what the file is',
    at: '/disks/0/image_type',
    breaks: { probe: image({ imageType: 'Qcow2' }) },
    allows: { probe: image({ imageType: 'Raw' }) },
  },
  {
    id: 'R-DSK-3',
    says: 'a type that is not said cannot be wrong',
    at: '/disks/0/image_type',
    breaks: { vm: { 'disks.0.image_type': 'Vhdx' }, probe: image({ imageType: 'Raw' }) },
    allows: {
      vm: { 'disks.0.image_type': undefined },
      probe: image({ imageType: 'Raw' }),
      also: ['R-DSK-6', 'G-1'],
    },
  },
  {
    id: 'R-DSK-4',
    says: 'no other process holds the image',
    at: '/disks/0/path',
    breaks: { probe: image({ isLocked: true }) },
    allows: { probe: image({ isLocked: false }) },
  },
  {
    id: 'R-DSK-5',
    says: 'a disk has a queue',
    at: '/disks/0/num_queues',
    breaks: { vm: { 'disks.0.num_queues': 0 }, also: ['G-8'] },
    allows: { vm: { 'disks.0.num_queues': 1 } },
  },
  {
    id: 'R-DSK-6',
    says: 'a guessed raw image has no writable sector 0',
    at: '/disks/0/image_type',
    breaks: { vm: { 'disks.0.image_type': 'Unknown' } },
    allows: { vm: { 'disks.1.image_type': 'Unknown' } },
  },
  {
    id: 'R-DSK-7',
    says: 'a backing file must be allowed',
    at: '/disks/0/backing_files',
    breaks: {
      vm: { 'disks.0.image_type': 'Qcow2' },
      probe: image({ imageType: 'Qcow2', hasBackingFile: true }),
    },
    allows: {
      vm: { 'disks.0.image_type': 'Qcow2', 'disks.0.backing_files': true },
      probe: image({ imageType: 'Qcow2', hasBackingFile: true }),
    },
  },
];
