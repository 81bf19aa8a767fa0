import { type PciDevice, type PciFacts, slotOf } from '../facts/pci.ts';
import { isGpuLike } from '../preflight/vfio/gpu-class.ts';
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
  const free = [...pci.devices.values()].filter(isGpuLike);
  const byNode = new Map([...free, ...near].map(({ numaNode, address }) => [numaNode, address]));
  return [...byNode.values()];
}

/**
 * Addresses that no device has, one before each that the config names: files that are sorted by address have a line for
 * each of them at another place.
 */
export function addressesBetween(materials: Materials): readonly string[] {
  const wanted = wantedAddresses(materials);
  const slots = new Set(wanted.map(slotOf));
  const devices = materials.facts.pci?.devices ?? new Map();
  return [...slots].flatMap((slot) => {
    const before = slotBefore(slot);
    if (before === undefined || slots.has(before)) return [];
    const free = FUNCTIONS.map((number) => `${before}.${number}`);
    return free.find((address) => !devices.has(address)) ?? [];
  });
}

const FUNCTIONS = [7, 6, 5, 4, 3, 2, 1, 0];
const SLOTS = 32;
const BUSES = 256;

/** `0000:01:00` follows `0000:00:1f`. */
function slotBefore(slot: string): string | undefined {
  const [domain = 0, bus = 0, device = 0] = slot
    .split(':')
    .map((part) => Number.parseInt(part, 16));
  const number = (domain * BUSES + bus) * SLOTS + device - 1;
  if (number < 0) return undefined;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const buses = Math.floor(number / SLOTS);
  return [hex(Math.floor(buses / BUSES), 4), hex(buses % BUSES, 2), hex(number % SLOTS, 2)].join(
    ':',
  );
}
