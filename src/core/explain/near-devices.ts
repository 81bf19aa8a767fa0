import { type PciDevice, type PciFacts, slotOf } from '../facts/pci.ts';
import type { Materials } from '../render/materials.ts';

/** Addresses that the config names. */
export function wantedAddresses({ input }: Materials): readonly string[] {
  const gpus = (input.runtimes ?? []).flatMap((runtime) => runtime.gpus ?? []);
  return [...new Set([...gpus, ...(input.vfio?.allow_group_members ?? [])])];
}

/** The devices that the config names, and those that share a slot or an IOMMU group with one. */
export function nearDevices(
  { devices }: PciFacts,
  wanted: readonly string[],
): readonly PciDevice[] {
  const slots = new Set(wanted.map(slotOf));
  const all = [...devices.values()];
  const groups = new Set(
    all.filter(({ address }) => slots.has(slotOf(address))).map(({ iommuGroup }) => iommuGroup),
  );
  groups.delete(undefined);
  return all.filter(
    ({ address, iommuGroup }) => slots.has(slotOf(address)) || groups.has(iommuGroup),
  );
}

/** Addresses of this host that make a difference in a list of them. */
export function addressesFor(key: string, materials: Materials): readonly string[] {
  const { pci } = materials.facts;
  if (pci === undefined) return [];
  const near = nearDevices(pci, wantedAddresses(materials));
  // A member of a group is any; of GPUs what counts is the node that each of them is on.
  if (key === 'allow_group_members') return near.map(({ address }) => address);
  if (key !== 'gpus') return [];
  const byNode = new Map(near.map(({ numaNode, address }) => [numaNode, address]));
  return [...byNode.values()];
}
