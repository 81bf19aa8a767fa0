import { type PciDevice, unreadDevice } from '../../src/core/facts/pci.ts';

/** A free H100 in a group of its own, but for what is said. */
export function pciDevice(own: Partial<PciDevice> & Pick<PciDevice, 'address'>): PciDevice {
  return {
    ...unreadDevice(own.address),
    vendor: '10de',
    device: '2330',
    subsystemVendor: '10de',
    subsystemDevice: '16c1',
    classCode: '030200',
    headerType: 0,
    resetMethods: ['flr'],
    ...own,
  };
}
