import { ofHost } from '../check.ts';
import type { HostCheck } from './host-check.ts';

/** The kernel has the vfio-pci driver. */
export const vfioModule: HostCheck = {
  id: 'vfio-module',
  check: ({ pci }) => {
    if (pci.hasVfioPci) return [];
    const message = 'the running kernel has no vfio-pci driver';
    const help =
      'install the rest of its modules (linux-modules-extra, kernel-modules), or reboot if the kernel was updated';
    return [ofHost('vfio-module', message, help)];
  },
};
