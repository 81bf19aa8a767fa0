import { groupMembers, type PciDevice, type PciFacts, slotOf } from '../facts/pci.ts';
import { isBridge } from '../facts/pci-driver.ts';
import { isGpu } from './roles.ts';
import type { GpuGroup } from './topology.ts';

/** IOMMU groups that have a GPU. Bridges are no members that count: VFIO does not mind them. */
export function gpuGroups(pci: PciFacts): readonly GpuGroup[] {
  const ids = new Set(
    [...pci.devices.values()].flatMap((device) =>
      isGpu(device) && device.iommuGroup !== undefined ? [device.iommuGroup] : [],
    ),
  );
  return [...ids]
    .sort((a, b) => Number(a) - Number(b))
    .map((id) => groupOf(id, groupMembers(pci, id)));
}

function groupOf(id: string, members: readonly PciDevice[]): GpuGroup {
  const endpoints = members.filter((device) => !isBridge(device));
  const gpus = endpoints.filter(isGpu);
  const slots = new Set(gpus.map(({ address }) => slotOf(address)));
  const rest = endpoints.filter((device) => !isGpu(device));
  const isCompanion = ({ address }: PciDevice) => slots.has(slotOf(address));
  return {
    id,
    gpus: gpus.map(addressOf),
    companions: rest.filter(isCompanion).map(addressOf),
    others: rest.filter((device) => !isCompanion(device)).map(addressOf),
  };
}

function addressOf({ address }: PciDevice): string {
  return address;
}

/** Its GPU cannot go to a VM while something else in it stays. */
export function isMixed({ others }: GpuGroup): boolean {
  return others.length > 0;
}

/** Its GPUs can only go to one VM together. */
export function isShared({ gpus }: GpuGroup): boolean {
  return new Set(gpus.map(slotOf)).size > 1;
}
