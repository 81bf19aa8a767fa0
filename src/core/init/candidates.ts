import { type PciDevice, type PciFacts, slotOf } from '../facts/pci.ts';
import { isGpu } from '../topology/roles.ts';

/** GPUs that can only go to one runtime together: of one IOMMU group, or functions of one card. */
export type Candidate = readonly PciDevice[];

/** Every GPU of the host in one of them, by address. Virtual functions are devices of their own. */
export function candidates({ devices }: PciFacts): readonly Candidate[] {
  const gpus = [...devices.values()].filter(isGpu).sort((a, b) => (a.address < b.address ? -1 : 1));
  return gpus.reduce<readonly Candidate[]>((found, gpu) => {
    const near = found.filter((candidate) => candidate.some((other) => isTied(gpu, other)));
    const apart = found.filter((candidate) => !near.includes(candidate));
    return [...apart, [...near.flat(), gpu]];
  }, []);
}

function isTied(a: PciDevice, b: PciDevice): boolean {
  if (a.iommuGroup !== undefined && a.iommuGroup === b.iommuGroup) return true;
  if (a.isVirtualFunction || b.isVirtualFunction) return false;
  return slotOf(a.address) === slotOf(b.address);
}

/** Functions of one card in several of them: a config has to say that they are apart. */
export function sharedSlots(chosen: readonly Candidate[]): readonly string[] {
  const slots = chosen.map((candidate) => new Set(candidate.map(({ address }) => slotOf(address))));
  return chosen
    .flat()
    .map(({ address }) => address)
    .filter((address) => slots.filter((own) => own.has(slotOf(address))).length > 1)
    .sort();
}
