import type { PciDevice } from '../../src/core/facts/pci.ts';

/** A free H100 in a group of its own, but for what is said. */
export function pciDevice(own: Partial<PciDevice> & Pick<PciDevice, 'address'>): PciDevice {
  return {
    vendor: '10de',
    device: '2330',
    subsystemVendor: '10de',
    subsystemDevice: '16c1',
    classCode: '030200',
    driver: undefined,
    driverOverride: undefined,
    iommuGroup: undefined,
    numaNode: undefined,
    headerType: 0,
    isSilent: false,
    isBootVga: false,
    isVirtualFunction: false,
    virtualFunctions: 0,
    resetMethods: ['flr'],
    bars: [],
    inUse: [],
    uplink: undefined,
    holders: [],
    ...own,
  };
}
