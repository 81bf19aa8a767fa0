import type { PciDevice } from './pci.ts';

/** vfio-pci itself, or a driver made for one kind of device: nvgrace_gpu_vfio_pci, mlx5_vfio_pci. */
export function isVfioDriver(driver: string): boolean {
  return /(?:^|[-_])vfio[-_]pci$/.test(driver);
}

/** It is bound to a driver that works with the device on the host. */
export function isHeldByHost({ driver }: PciDevice): boolean {
  return driver !== undefined && driver !== 'pci-stub' && !isVfioDriver(driver);
}

/** PCI-to-PCI and CardBus bridges: VFIO neither takes them nor minds them in a group. */
export function isBridge({ headerType, classCode }: PciDevice): boolean {
  if (headerType !== undefined) return headerType !== 0;
  return ['0604', '0607'].includes(classCode.slice(0, 4));
}
