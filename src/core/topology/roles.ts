import type { PciDevice } from '../facts/pci.ts';
import { isBridge } from '../facts/pci-driver.ts';
import type { DeviceRole } from './topology.ts';

/** Makers of displays that only show: of a BMC (ASPEED, Matrox, Huawei), of a hypervisor (QEMU, VMware, Hyper-V, …). */
const SHOW_ONLY = new Set([
  '1a03',
  '102b',
  '19e5',
  '1234',
  '1b36',
  '1af4',
  '15ad',
  '1013',
  '1414',
  '80ee',
]);
const NVIDIA = '10de';

/** What a device is to somebody who looks for GPUs; a bridge on a root bus is a root port. */
export function roleOf(device: PciDevice, isOnRootBus: boolean): DeviceRole {
  const { classCode, vendor } = device;
  if (isBridge(device)) return isOnRootBus ? 'root-port' : 'bridge';
  if (vendor === NVIDIA && classCode.startsWith('0680')) return 'nvswitch';
  if (isGpu(device)) return 'gpu';
  if (classCode.startsWith('03')) return 'display';
  if (classCode.startsWith('02')) return 'network';
  return classCode.startsWith('01') ? 'storage' : 'other';
}

/** A display or accelerator that computes. */
export function isGpu(device: PciDevice): boolean {
  const { classCode, vendor } = device;
  if (isBridge(device)) return false;
  return classCode.startsWith('12') || (classCode.startsWith('03') && !SHOW_ONLY.has(vendor));
}
