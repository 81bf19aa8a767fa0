import { byteLength, hasMoreBytes } from '../../byte-length.ts';
import { quoted } from '../../config/show-value.ts';
import { isMemoryShared, isPowerOf2 } from '../facts-of.ts';
import { flaw, partRules, parts } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { DiskConfig, VmConfig } from '../vm-config.gen.ts';
import { queuesPerVcpu } from './queues.ts';
import { SHARE_MEMORY } from './shared-help.ts';

const disk = partRules((vm) => parts('/disks', vm.disks));
const group = partRules((vm) => parts('/rate_limit_groups', vm.rate_limit_groups));

const SERIAL_BYTES = 20;

/** Disks and the rate limits that they share. */
export const diskRules: readonly VmRule[] = [
  disk(
    'C-DSK-1',
    ({ path, vhost_socket }) =>
      path !== undefined &&
      vhost_socket !== undefined &&
      flaw('vhost_socket', 'given beside `path`; a disk has one of them', 'leave one of them out'),
  ),
  disk(
    'C-DSK-2',
    ({ vhost_user }, vm) =>
      vhost_user &&
      !isMemoryShared(vm) &&
      flaw('vhost_user', 'the RAM is neither shared nor in hugepages', SHARE_MEMORY),
  ),
  disk(
    'C-DSK-3',
    ({ vhost_user, vhost_socket }) =>
      vhost_user &&
      vhost_socket === undefined &&
      flaw('vhost_socket', 'missing, and `vhost_user` needs it', 'give the socket of the backend'),
  ),
  disk(
    'C-DSK-4',
    ({ vhost_user, rate_limiter_config, rate_limit_group }) =>
      vhost_user &&
      (rate_limiter_config !== undefined || rate_limit_group !== undefined) &&
      flaw(
        rate_limiter_config === undefined ? 'rate_limit_group' : 'rate_limiter_config',
        'a disk of another process (`vhost_user`) cannot be limited',
        'leave the limit out, or set it in the backend',
      ),
  ),
  disk(
    'C-DSK-5',
    ({ vhost_user, iommu }) =>
      vhost_user &&
      iommu &&
      flaw('iommu', 'true, but `vhost_user` does not work with it', 'leave `iommu` out'),
  ),
  disk(
    'C-DSK-6',
    ({ rate_limit_group }, vm) =>
      rate_limit_group !== undefined &&
      !groupIds(vm).includes(rate_limit_group) &&
      flaw(
        'rate_limit_group',
        `no rate limit group has the id ${quoted(rate_limit_group)}`,
        'add the group to rate_limit_groups',
      ),
  ),
  disk(
    'C-DSK-7',
    ({ rate_limit_group, rate_limiter_config }) =>
      rate_limit_group !== undefined &&
      rate_limiter_config !== undefined &&
      flaw('rate_limiter_config', 'given beside `rate_limit_group`', 'leave one of them out'),
  ),
  disk('C-DSK-8', queuesPerVcpu),
  disk(
    'C-DSK-9',
    ({ queue_size = 128 }) =>
      !isPowerOf2(queue_size) &&
      flaw('queue_size', `${queue_size} is not a power of 2`, 'the usual size is 128'),
  ),
  disk(
    'C-DSK-10',
    ({ queue_size = 128 }) =>
      queue_size <= 2 &&
      flaw('queue_size', `${queue_size} is too small; at least 4 works`, 'the usual size is 128'),
  ),
  disk(
    'C-DSK-11',
    ({ serial = '' }) =>
      hasMoreBytes(serial, SERIAL_BYTES) &&
      flaw(
        'serial',
        `${quoted(serial)} has ${byteLength(serial)} bytes, at most 20 fit`,
        'shorten it',
      ),
  ),
  group(
    'C-RL-1',
    ({ rate_limiter_config }) =>
      rate_limiter_config?.bandwidth === undefined &&
      rate_limiter_config?.ops === undefined &&
      flaw('rate_limiter_config', 'limits nothing', 'give `bandwidth` or `ops`'),
  ),
  group('C-RL-2', ({ id = '' }) => id === '' && flaw('id', 'empty', 'give the group an id')),
  disk(
    'R-DSK-1',
    ({ path, vhost_socket }) =>
      path === undefined &&
      vhost_socket === undefined &&
      flaw('path', 'missing, and so is `vhost_socket`', 'give the path of the image'),
  ),
  disk(
    'R-DSK-5',
    ({ num_queues }) =>
      num_queues === 0 && flaw('num_queues', '0 queues make a dead disk', 'use at least 1'),
  ),
  disk(
    'R-DSK-6',
    (value) =>
      isGuessed(value) &&
      flaw(
        'image_type',
        `${value.image_type === undefined ? 'missing' : '"Unknown"'}: a raw image is guessed and the guest cannot write sector 0`,
        'set it to the format of the image, "Raw" for a raw one',
      ),
  ),
];

function isGuessed({ path, image_type = 'Unknown', readonly }: DiskConfig): boolean {
  return path !== undefined && image_type === 'Unknown' && readonly !== true;
}

function groupIds(vm: VmConfig): readonly (string | undefined)[] {
  return (vm.rate_limit_groups ?? []).map(({ id }) => id);
}
