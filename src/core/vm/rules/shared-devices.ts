import { isMemoryShared, isPowerOf2, ramBytes } from '../facts-of.ts';
import { flaw, part, partRules, parts } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';
import { queuesPerVcpu } from './queues.ts';
import { SHARE_MEMORY } from './shared-help.ts';

const fs = partRules((vm) => parts('/fs', vm.fs));
const generic = partRules((vm) => parts('/generic_vhost_user', vm.generic_vhost_user));
const user = partRules((vm) => parts('/user_devices', vm.user_devices));
const vsock = partRules((vm) => part('/vsock', vm.vsock));
const balloon = partRules((vm) => part('/balloon', vm.balloon));

/** 0 to 2 and VMADDR_CID_ANY have a meaning of their own. */
const LEAST_CID = 3;
const ANY_CID = 0xff_ff_ff_ff;

/** Devices of other processes, vsock and the balloon. */
export const sharedDeviceRules: readonly VmRule[] = [
  fs('C-FS-1', (_value, vm) => notShared(vm)),
  fs('C-FS-2', queuesPerVcpu),
  fs('C-FS-3', noIommu),
  fs(
    'C-FS-4',
    ({ queue_size = 1024 }) =>
      !isPowerOf2(queue_size) &&
      flaw('queue_size', `${queue_size} is not a power of 2`, 'the usual size is 1024'),
  ),
  generic('C-GVU-1', (_value, vm) => notShared(vm)),
  generic('C-GVU-2', noIommu),
  generic('C-GVU-3', ({ queue_sizes }) =>
    queue_sizes.flatMap((size, index) =>
      isPowerOf2(size)
        ? []
        : [flaw(`queue_sizes/${index}`, `${size} is not a power of 2`, 'the usual size is 256')],
    ),
  ),
  user('C-USR-1', (_value, vm) => notShared(vm)),
  user('C-USR-2', noIommu),
  vsock(
    'C-VSK-1',
    ({ cid }) =>
      (cid < LEAST_CID || cid === ANY_CID) &&
      flaw('cid', `${cid} has a meaning of its own`, 'use 3 to 4294967294'),
  ),
  balloon(
    'C-BAL-1',
    ({ size }, vm) =>
      size >= ramBytes(vm) &&
      flaw('size', `${size} bytes; the VM has ${ramBytes(vm)}`, 'use less than the RAM'),
  ),
];

function notShared(vm: VmConfig) {
  return (
    !isMemoryShared(vm) && flaw('', 'the RAM is neither shared nor in hugepages', SHARE_MEMORY)
  );
}

function noIommu({ iommu }: { readonly iommu?: boolean }) {
  return iommu && flaw('iommu', 'true, but this device does not work with it', 'leave it out');
}
