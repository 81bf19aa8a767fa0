import { GIB, type RuleCase } from './rule-case.ts';

const SHARED = { 'memory.shared': true };

function fs(value: Readonly<Record<string, unknown>>) {
  return { fs: [{ tag: 'models', socket: '/run/fs.sock', ...value }] };
}

function generic(value: Readonly<Record<string, unknown>>) {
  return {
    generic_vhost_user: [{ socket: '/run/g.sock', queue_sizes: [256], device_type: 26, ...value }],
  };
}

function user(value: Readonly<Record<string, unknown>>) {
  return { user_devices: [{ socket: '/run/u.sock', ...value }] };
}

export const sharedDeviceCases: readonly RuleCase[] = [
  {
    id: 'C-FS-1',
    says: 'a shared directory needs shared memory',
    at: '/fs/0',
    breaks: { vm: fs({}) },
    allows: { vm: { ...SHARED, ...fs({}) } },
  },
  {
    id: 'C-FS-2',
    says: 'a shared directory has one queue a vCPU',
    at: '/fs/0/num_queues',
    breaks: { vm: { ...SHARED, ...fs({ num_queues: 5 }) } },
    allows: { vm: { ...SHARED, ...fs({ num_queues: 4 }) } },
  },
  {
    id: 'C-FS-3',
    says: 'a shared directory is not behind the IOMMU',
    at: '/fs/0/iommu',
    breaks: { vm: { ...SHARED, ...fs({ iommu: true }) }, also: ['G-9'] },
    allows: { vm: { ...SHARED, ...fs({ iommu: false }) } },
  },
  {
    id: 'C-FS-4',
    says: 'its queue size is a power of 2',
    at: '/fs/0/queue_size',
    breaks: { vm: { ...SHARED, ...fs({ queue_size: 1023 }) } },
    allows: { vm: { ...SHARED, ...fs({ queue_size: 1024 }) } },
  },
  {
    id: 'C-GVU-1',
    says: 'a virtio device of another process needs shared memory',
    at: '/generic_vhost_user/0',
    breaks: { vm: generic({}) },
    allows: { vm: { ...SHARED, ...generic({}) } },
  },
  {
    id: 'C-GVU-2',
    says: 'a virtio device of another process is not behind the IOMMU',
    at: '/generic_vhost_user/0/iommu',
    breaks: { vm: { ...SHARED, ...generic({ iommu: true }) }, also: ['G-9'] },
    allows: { vm: { ...SHARED, ...generic({ iommu: false }) } },
  },
  {
    id: 'C-GVU-3',
    says: 'each of its queue sizes is a power of 2',
    at: '/generic_vhost_user/0/queue_sizes/1',
    breaks: { vm: { ...SHARED, ...generic({ queue_sizes: [256, 255] }) } },
    allows: { vm: { ...SHARED, ...generic({ queue_sizes: [256, 1] }) } },
  },
  {
    id: 'C-USR-1',
    says: 'a device of another process needs shared memory',
    at: '/user_devices/0',
    breaks: { vm: user({}) },
    allows: { vm: { ...SHARED, ...user({}) } },
  },
  {
    id: 'C-USR-2',
    says: 'a device of another process is not behind the IOMMU',
    at: '/user_devices/0/iommu',
    breaks: { vm: { ...SHARED, ...user({ iommu: true }) }, also: ['G-9'] },
    allows: { vm: { ...SHARED, ...user({ iommu: false }) } },
  },
  {
    id: 'C-VSK-1',
    says: 'the first three cids are taken',
    at: '/vsock/cid',
    breaks: { vm: { vsock: { cid: 2, socket: '/run/v.sock' } } },
    allows: { vm: { vsock: { cid: 3, socket: '/run/v.sock' } } },
  },
  {
    id: 'C-VSK-1',
    says: 'the last cid means any',
    at: '/vsock/cid',
    breaks: { vm: { vsock: { cid: 0xff_ff_ff_ff, socket: '/run/v.sock' } } },
    allows: { vm: { vsock: { cid: 0xff_ff_ff_fe, socket: '/run/v.sock' } } },
  },
  {
    id: 'C-BAL-1',
    says: 'the balloon is smaller than the RAM',
    at: '/balloon/size',
    breaks: { vm: { balloon: { size: 8 * GIB } } },
    allows: { vm: { balloon: { size: 8 * GIB - 1 } } },
  },
  {
    id: 'C-BAL-1',
    says: 'a VM without a word on RAM has 512 MiB; zones count',
    at: '/balloon/size',
    breaks: { vm: { memory: undefined, balloon: { size: 2 ** 29 } } },
    allows: {
      vm: {
        memory: {
          size: 0,
          hotplug_method: 'VirtioMem',
          zones: [{ id: 'a', size: GIB, hotplug_size: GIB, hotplugged_size: GIB }],
        },
        balloon: { size: 2 * GIB - 1 },
      },
    },
  },
];
