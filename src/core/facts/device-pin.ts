import { devicesToBind } from '../preflight/vfio/devices-to-bind.ts';
import type { Desired } from '../resolve/desired.ts';
import { groupMembers, type PciDevice, type PciFacts, slotOf } from './pci.ts';

/** What stood at an address when it was first bound. Addresses move when cards are added or removed. */
export type DevicePin = {
  readonly address: string;
  /** `vendor:device:subvendor:subdevice` */
  readonly identity: string;
  /** The driver from before the first bind; '' is none. */
  readonly priorDriver: string;
  readonly priorOverride: string;
  /** Addresses of all devices of its IOMMU group. */
  readonly groupMembers: readonly string[];
};

export function identityOf(device: PciDevice): string {
  const { vendor, device: model, subsystemVendor, subsystemDevice } = device;
  return `${vendor}:${model}:${subsystemVendor}:${subsystemDevice}`;
}

/**
 * What an install records of each device that it binds. What was recorded at the first bind stays: after it the driver
 * is vfio-pci, and what stands at the address is held against the record.
 */
export function pinDevices(
  desired: Desired,
  pci: PciFacts | undefined,
  recorded: readonly DevicePin[],
): readonly DevicePin[] {
  if (pci === undefined) return recorded.filter(({ address }) => isStillWanted(desired, address));
  const records = new Map(recorded.map((pin) => [pin.address, pin]));
  return [...devicesToBind(desired, pci).keys()].sort().flatMap((address) => {
    const record = records.get(address);
    const device = pci.devices.get(address);
    if (device === undefined) return record === undefined ? [] : [record];
    return [pinOf(device, pci, record, desired.vfio.identityLock)];
  });
}

function pinOf(
  device: PciDevice,
  pci: PciFacts,
  record: DevicePin | undefined,
  identityLock: boolean,
): DevicePin {
  const { address, driver = '', driverOverride = '', iommuGroup } = device;
  const members = iommuGroup === undefined ? [device] : groupMembers(pci, iommuGroup);
  return {
    address,
    identity: (identityLock ? record?.identity : undefined) ?? identityOf(device),
    priorDriver: record?.priorDriver ?? driver,
    priorOverride: record?.priorOverride ?? driverOverride,
    groupMembers: members.map((member) => member.address),
  };
}

/** As far as the config alone can tell. */
function isStillWanted({ runtimes, vfio }: Desired, address: string): boolean {
  const slots = runtimes.flatMap(({ gpus }) => gpus.map(slotOf));
  return slots.includes(slotOf(address)) || vfio.allowGroupMembers.includes(address);
}
