import type { TapProbe } from '../../../../src/core/vm/probe.ts';
import type { RuleCase } from './rule-case.ts';

const SHARED = { 'memory.shared': true };
const ROOT = { isPrivileged: true };
const LIMIT = { ops: { size: 1, refill_time: 1 } };

function backend(net: Readonly<Record<string, unknown>>) {
  return {
    net: [{ vhost_user: true, vhost_socket: '/run/n.sock', mac: '02:00:00:00:00:01', ...net }],
  };
}

function tap(found: Partial<TapProbe>) {
  return { taps: new Map([['vllmd1', { isUp: true, isMultiQueue: false, ...found }]]) };
}

export const netCases: readonly RuleCase[] = [
  {
    id: 'C-NET-1',
    says: 'a card has 2 queues at least',
    at: '/net/0/num_queues',
    breaks: { vm: { 'net.0.num_queues': 0 } },
    allows: { vm: { 'net.0.num_queues': 2 } },
  },
  {
    id: 'C-NET-2',
    says: 'there is a descriptor for each pair of queues',
    at: '/net/0/fds',
    breaks: { vm: { 'net.0.fds': [3], 'net.0.num_queues': 4 }, also: ['C-NET-3'] },
    allows: { vm: { 'net.0.fds': [3, 4], 'net.0.num_queues': 4 }, also: ['C-NET-3'] },
  },
  {
    id: 'C-NET-3',
    says: 'no descriptor survives HTTP',
    at: '/net/0/fds',
    breaks: { vm: { 'net.0.tap': undefined, 'net.0.fds': [3] } },
    allows: {},
  },
  {
    id: 'C-NET-4',
    says: 'a card has one pair of queues a vCPU',
    at: '/net/0/num_queues',
    breaks: { vm: { 'net.0.num_queues': 10 } },
    allows: { vm: { 'net.0.num_queues': 8 } },
  },
  {
    id: 'C-NET-5',
    says: 'a queue size is a power of 2',
    at: '/net/0/queue_size',
    breaks: { vm: { 'net.0.queue_size': 0 } },
    allows: { vm: { 'net.0.queue_size': 1 } },
  },
  {
    id: 'C-NET-6',
    says: 'a card of another process needs shared memory',
    at: '/net/0/vhost_user',
    breaks: { vm: backend({}) },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'C-NET-7',
    says: 'a card of another process has its socket',
    at: '/net/0/vhost_socket',
    breaks: { vm: { ...SHARED, ...backend({ vhost_socket: undefined }) } },
    allows: { vm: { ...SHARED, ...backend({}) } },
  },
  {
    id: 'C-NET-8',
    says: 'a card of another process has no limit',
    at: '/net/0/rate_limiter_config',
    breaks: { vm: { ...SHARED, ...backend({ rate_limiter_config: LIMIT }) } },
    allows: { vm: { 'net.0.rate_limiter_config': LIMIT } },
  },
  {
    id: 'C-NET-9',
    says: 'a card of another process is not behind the IOMMU',
    at: '/net/0/iommu',
    breaks: { vm: { ...SHARED, ...backend({ iommu: true }) }, also: ['G-9'] },
    allows: { vm: { ...SHARED, ...backend({ iommu: false }) } },
  },
  {
    id: 'C-NET-10',
    says: 'the MTU is 1280 at least',
    at: '/net/0/mtu',
    breaks: { vm: { 'net.0.mtu': 1279 }, probe: ROOT },
    allows: { vm: { 'net.0.mtu': 1280 }, probe: ROOT },
  },
  {
    id: 'C-NET-11',
    says: 'segmentation offload needs checksum offload',
    at: '/net/0/offload_csum',
    breaks: { vm: { 'net.0.offload_csum': false, 'net.0.offload_tso': false } },
    allows: {
      vm: {
        'net.0.offload_csum': false,
        'net.0.offload_tso': false,
        'net.0.offload_ufo': false,
      },
    },
  },
  {
    id: 'C-NET-12',
    says: 'an address needs a mask',
    at: '/net/0/mask',
    breaks: { vm: { 'net.0.ip': '10.0.0.1' }, probe: ROOT },
    allows: { vm: { 'net.0.ip': '10.0.0.1', 'net.0.mask': '255.0.0.0' }, probe: ROOT },
  },
  {
    id: 'C-NET-13',
    says: 'a mask needs an address',
    at: '/net/0/ip',
    breaks: { vm: { 'net.0.mask': '255.0.0.0' }, probe: ROOT },
    allows: { vm: { 'net.0.ip': '10.0.0.1', 'net.0.mask': '255.0.0.0' }, probe: ROOT },
  },
  {
    id: 'R-NET-1',
    says: 'queues come in pairs',
    at: '/net/0/num_queues',
    breaks: { vm: { 'net.0.num_queues': 3 }, also: ['G-8'] },
    allows: { vm: { 'net.0.num_queues': undefined } },
  },
  {
    id: 'R-NET-2',
    says: 'the name of a tap has 15 bytes at most, in UTF-8',
    at: '/net/0/tap',
    breaks: { vm: { 'net.0.tap': 'é'.repeat(8) } },
    allows: { vm: { 'net.0.tap': 'a'.repeat(15) } },
  },
  {
    id: 'R-NET-3',
    says: 'several pairs need a tap with multi_queue',
    at: '/net/0/num_queues',
    breaks: { vm: { 'net.0.num_queues': 4 }, probe: tap({}) },
    allows: { vm: { 'net.0.num_queues': 4 }, probe: tap({ isMultiQueue: true }) },
  },
  {
    id: 'R-NET-3',
    says: 'one pair needs a tap without multi_queue',
    at: '/net/0/num_queues',
    breaks: { probe: tap({ isMultiQueue: true }) },
    allows: { probe: tap({}) },
  },
  {
    id: 'R-NET-4',
    says: 'the tap of a unit without root is up',
    at: '/net/0/tap',
    breaks: { probe: tap({ isUp: false }) },
    allows: { probe: { ...tap({ isUp: false }), ...ROOT } },
  },
  {
    id: 'R-NET-4',
    says: 'the tap exists',
    at: '/net/0/tap',
    breaks: { probe: { taps: new Map() } },
    allows: { vm: { ...SHARED, ...backend({}) }, probe: { taps: new Map() } },
  },
  {
    id: 'R-NET-5',
    says: 'only root can make a tap',
    at: '/net/0/tap',
    breaks: { vm: { 'net.0.tap': undefined } },
    allows: { vm: { 'net.0.tap': undefined }, probe: ROOT },
  },
  {
    id: 'R-NET-6',
    says: 'only root can set up a tap',
    at: ['/net/0/ip', '/net/0/mask', '/net/0/host_mac', '/net/0/mtu'],
    breaks: {
      vm: {
        'net.0.ip': '10.0.0.1',
        'net.0.mask': '255.0.0.0',
        'net.0.host_mac': '02:00:00:00:00:02',
        'net.0.mtu': 1500,
      },
    },
    allows: { vm: { 'net.0.mtu': 1500 }, probe: ROOT },
  },
  {
    id: 'R-NET-7',
    says: 'a MAC address has six pairs of digits',
    at: ['/net/0/mac', '/net/0/host_mac'],
    breaks: {
      vm: { 'net.0.mac': '2:0:0:0:0:1', 'net.0.host_mac': '02-00-00-00-00-02' },
      probe: ROOT,
    },
    allows: {
      vm: { 'net.0.mac': '02:00:00:00:00:aF', 'net.0.host_mac': '02:00:00:00:00:02' },
      probe: ROOT,
    },
  },
  {
    id: 'R-NET-8',
    says: 'a card has no multicast address',
    at: '/net/0/mac',
    breaks: { vm: { 'net.0.mac': '03:00:00:00:00:01' } },
    allows: { vm: { 'net.0.mac': 'fe:00:00:00:00:01' } },
  },
];
