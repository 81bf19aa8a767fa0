import type { FileProbe } from '../../../../src/core/vm/probe.ts';
import { GIB, type RuleCase } from './rule-case.ts';

const ZONES = {
  memory: {
    size: 0,
    zones: [
      { id: 'a', size: GIB },
      { id: 'b', size: GIB },
    ],
  },
};
const SEGMENTS = { 'platform.num_pci_segments': 3 };

function node(numa: Readonly<Record<string, unknown>>) {
  return { numa: [{ guest_numa_id: 0, ...numa }] };
}

function nodes(
  first: Readonly<Record<string, unknown>>,
  second: Readonly<Record<string, unknown>>,
) {
  return {
    numa: [
      { guest_numa_id: 0, cpus: [0, 1], ...first },
      { guest_numa_id: 1, cpus: [2, 3], ...second },
    ],
  };
}

function landlock(isThere: boolean) {
  const file: FileProbe = { isThere, isReadable: isThere, isWritable: isThere };
  return { files: new Map([['/srv/models', file]]) };
}

export const numaAndIdCases: readonly RuleCase[] = [
  {
    id: 'C-NUM-1',
    says: 'the device of a node has a name',
    at: '/numa/0/device_id',
    breaks: { vm: node({ device_id: '' }) },
    allows: { vm: node({ device_id: 'gpu0' }) },
  },
  {
    id: 'C-NUM-2',
    says: 'a list of vCPUs names some',
    at: '/numa/0/cpus',
    breaks: { vm: node({ cpus: [] }) },
    allows: { vm: node({ cpus: [0] }) },
  },
  {
    id: 'C-NUM-3',
    says: 'a list of zones alone names some',
    at: '/numa/0/memory_zones',
    breaks: { vm: node({ memory_zones: [] }) },
    allows: { vm: node({ cpus: [0], memory_zones: [] }) },
  },
  {
    id: 'C-NUM-4',
    says: 'a device is a node of its own',
    at: '/numa/0/device_id',
    breaks: { vm: node({ device_id: 'gpu0', cpus: [0] }) },
    allows: { vm: node({ device_id: 'gpu0' }) },
  },
  {
    id: 'C-NUM-4',
    says: 'a device has no zones, either',
    at: '/numa/0/device_id',
    breaks: { vm: { ...ZONES, ...node({ device_id: 'gpu0', memory_zones: ['a'] }) } },
    allows: { vm: { ...ZONES, ...node({ memory_zones: ['a'] }) } },
  },
  {
    id: 'C-NUM-5',
    says: 'a node has something',
    at: '/numa/0',
    breaks: { vm: node({}) },
    allows: { vm: { ...ZONES, ...node({ memory_zones: ['a'] }) } },
  },
  {
    id: 'C-NUM-6',
    says: 'a zone is in one node',
    at: '/numa/1/memory_zones/0',
    breaks: { vm: { ...ZONES, ...nodes({ memory_zones: ['a'] }, { memory_zones: ['a'] }) } },
    allows: { vm: { ...ZONES, ...nodes({ memory_zones: ['a'] }, { memory_zones: ['b'] }) } },
  },
  {
    id: 'C-NUM-7',
    says: 'a node names segments of the VM',
    at: '/numa/1/pci_segments/1',
    breaks: { vm: { ...SEGMENTS, ...nodes({}, { pci_segments: [2, 3] }) } },
    allows: { vm: { ...SEGMENTS, ...nodes({}, { pci_segments: [1, 2] }) } },
  },
  {
    id: 'C-NUM-8',
    says: 'segment 0 is on node 0',
    at: '/numa/1/pci_segments/1',
    breaks: { vm: { ...SEGMENTS, ...nodes({}, { pci_segments: [1, 0] }) } },
    allows: { vm: { ...SEGMENTS, ...nodes({ pci_segments: [0] }, { pci_segments: [1] }) } },
  },
  {
    id: 'C-NUM-8',
    says: 'segment 0 is on node 0, be it the only one named',
    at: '/numa/1/pci_segments/0',
    breaks: { vm: nodes({}, { pci_segments: [0] }) },
    allows: { vm: nodes({ pci_segments: [0] }, {}) },
  },
  {
    id: 'C-NUM-9',
    says: 'a segment is in one node',
    at: '/numa/1/pci_segments/0',
    breaks: { vm: { ...SEGMENTS, ...nodes({ pci_segments: [1] }, { pci_segments: [1] }) } },
    allows: { vm: { ...SEGMENTS, ...nodes({ pci_segments: [1] }, { pci_segments: [2] }) } },
  },
  {
    id: 'R-NUM-1',
    says: 'a node has its own number',
    at: '/numa/1/guest_numa_id',
    breaks: { vm: nodes({}, { guest_numa_id: 0 }) },
    allows: { vm: nodes({}, {}) },
  },
  {
    id: 'R-NUM-2',
    says: 'a node names zones of the VM',
    at: '/numa/0/memory_zones/1',
    breaks: { vm: { ...ZONES, ...node({ memory_zones: ['a', 'c'] }) } },
    allows: { vm: { ...ZONES, ...node({ memory_zones: ['a', 'b'] }) } },
  },
  {
    id: 'R-NUM-3',
    says: 'a distance leads to a node',
    at: '/numa/0/distances/0/destination',
    breaks: { vm: nodes({ distances: [{ destination: 2, distance: 20 }] }, {}) },
    allows: { vm: nodes({ distances: [{ destination: 1, distance: 20 }] }, {}) },
  },
  {
    id: 'R-NUM-3',
    says: 'a distance without a destination leads to node 0',
    at: '/numa/0/distances/0/destination',
    breaks: { vm: { numa: [{ guest_numa_id: 1, cpus: [0], distances: [{ distance: 20 }] }] } },
    allows: { vm: nodes({}, { distances: [{ distance: 20 }] }) },
  },
  {
    id: 'R-NUM-4',
    says: 'a node has one distance to another',
    at: '/numa/1/distances/1/destination',
    breaks: { vm: nodes({}, { distances: [{ distance: 20 }, { destination: 0, distance: 30 }] }) },
    allows: { vm: nodes({}, { distances: [{ distance: 20 }, { destination: 1, distance: 10 }] }) },
  },
  {
    id: 'R-NUM-5',
    says: 'a node is 10 away from itself',
    at: '/numa/0/distances/0/distance',
    breaks: { vm: nodes({ distances: [{ destination: 0 }] }, {}) },
    allows: { vm: nodes({ distances: [{ destination: 0, distance: 10 }] }, {}) },
    severity: 'warning',
  },
  {
    id: 'C-ID-1',
    says: 'two underscores are for cloud-hypervisor',
    at: '/disks/0/id',
    breaks: { vm: { 'disks.0.id': '__rng' }, also: ['G-6'] },
    allows: { vm: { 'disks.0.id': 'root__' } },
  },
  {
    id: 'C-ID-2',
    says: 'an id is unique over all kinds',
    at: ['/net/0/id', '/vsock/id', '/memory/zones/0/id'],
    breaks: {
      vm: {
        'net.0.id': 'root',
        vsock: { cid: 3, socket: '/run/v.sock', id: 'root' },
        memory: { size: 0, zones: [{ id: 'root', size: GIB }] },
      },
    },
    allows: { vm: { 'net.0.id': 'Root' } },
  },
  {
    id: 'C-ID-2',
    says: 'a rate limit group has an id, too',
    at: '/disks/0/id',
    breaks: {
      vm: {
        rate_limit_groups: [
          { id: 'root', rate_limiter_config: { ops: { size: 1, refill_time: 1 } } },
        ],
      },
    },
    allows: {
      vm: {
        rate_limit_groups: [
          { id: 'slow', rate_limiter_config: { ops: { size: 1, refill_time: 1 } } },
        ],
      },
    },
  },
  {
    id: 'C-LND-1',
    says: 'a path of Landlock exists',
    at: '/landlock_rules/0/path',
    breaks: {
      vm: { landlock_rules: [{ path: '/srv/models', access: 'r' }] },
      probe: landlock(false),
    },
    allows: {
      vm: { landlock_rules: [{ path: '/srv/models', access: 'r' }] },
      probe: landlock(true),
    },
  },
  {
    id: 'C-LND-2',
    says: 'access is r, w or rw',
    at: '/landlock_rules/0/access',
    breaks: { vm: { landlock_rules: [{ path: '/srv/models', access: 'wr' }] } },
    allows: { vm: { landlock_rules: [{ path: '/srv/models', access: 'rw' }] } },
  },
];
