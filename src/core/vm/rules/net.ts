import { quoted } from '../../config/show-value.ts';
import { bootVcpus, isMemoryShared, isPowerOf2 } from '../facts-of.ts';
import { flaw, partRules, parts } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import { SHARE_MEMORY } from './shared-help.ts';

const net = partRules((vm) => parts('/net', vm.net));

const LEAST_MTU = 1280;

/** Network cards, as cloud-hypervisor checks them. */
export const netRules: readonly VmRule[] = [
  net(
    'C-NET-1',
    ({ num_queues = 2 }) =>
      num_queues < 2 &&
      flaw('num_queues', `${num_queues}; a card has at least 2 queues`, 'use 2 a pair'),
  ),
  net(
    'C-NET-2',
    ({ fds, num_queues = 2 }) =>
      fds !== undefined &&
      fds.length * 2 !== num_queues &&
      flaw('fds', `${fds.length} for ${num_queues} queues; one a pair is needed`, 'use a tap'),
  ),
  net(
    'C-NET-3',
    ({ fds = [] }) =>
      fds.length > 0 &&
      flaw(
        'fds',
        `${fds.join(', ')}: over HTTP every descriptor becomes -1, and none below 3 is allowed`,
        'use a tap',
      ),
  ),
  net(
    'C-NET-4',
    ({ num_queues = 2 }, vm) =>
      num_queues / 2 > bootVcpus(vm) &&
      flaw(
        'num_queues',
        `${num_queues} queues for ${bootVcpus(vm)} vCPUs; cloud-hypervisor allows at most one pair a vCPU`,
        `use at most ${bootVcpus(vm) * 2}`,
      ),
  ),
  net(
    'C-NET-5',
    ({ queue_size = 256 }) =>
      !isPowerOf2(queue_size) &&
      flaw('queue_size', `${queue_size} is not a power of 2`, 'the usual size is 256'),
  ),
  net(
    'C-NET-6',
    ({ vhost_user }, vm) =>
      vhost_user &&
      !isMemoryShared(vm) &&
      flaw('vhost_user', 'the RAM is neither shared nor in hugepages', SHARE_MEMORY),
  ),
  net(
    'C-NET-7',
    ({ vhost_user, vhost_socket }) =>
      vhost_user &&
      vhost_socket === undefined &&
      flaw('vhost_socket', 'missing, and `vhost_user` needs it', 'give the socket of the backend'),
  ),
  net(
    'C-NET-8',
    ({ vhost_user, rate_limiter_config }) =>
      vhost_user &&
      rate_limiter_config !== undefined &&
      flaw(
        'rate_limiter_config',
        'a card of another process (`vhost_user`) cannot be limited',
        'leave the limit out, or set it in the backend',
      ),
  ),
  net(
    'C-NET-9',
    ({ vhost_user, iommu }) =>
      vhost_user &&
      iommu &&
      flaw('iommu', 'true, but `vhost_user` does not work with it', 'leave `iommu` out'),
  ),
  net(
    'C-NET-10',
    ({ mtu = LEAST_MTU }) =>
      mtu < LEAST_MTU && flaw('mtu', `${mtu}; at least 1280 is needed`, 'the usual MTU is 1500'),
  ),
  net(
    'C-NET-11',
    ({ offload_csum, offload_tso, offload_ufo }) =>
      offload_csum === false &&
      (offload_tso !== false || offload_ufo !== false) &&
      flaw(
        'offload_csum',
        'false, but segmentation offload (`offload_tso`, `offload_ufo`) needs it',
        'switch off all three, or none',
      ),
  ),
  net(
    'C-NET-12',
    ({ ip, mask }) =>
      ip !== undefined &&
      mask === undefined &&
      flaw('mask', `missing, but ip is ${quoted(ip)}`, 'leave out both: a unit sets up the tap'),
  ),
  net(
    'C-NET-13',
    ({ ip, mask }) =>
      mask !== undefined &&
      ip === undefined &&
      flaw('ip', `missing, but mask is ${quoted(mask)}`, 'leave out both: a unit sets up the tap'),
  ),
];
