import type { PciDevice, PciFacts } from '../../facts/pci.ts';
import { slotOf } from '../../facts/pci.ts';
import { isBridge } from '../../facts/pci-driver.ts';
import type { Desired } from '../../resolve/desired.ts';

export type Binding = {
  /** Index of the runtime it goes to. */
  readonly runtime: number;
  readonly because: 'configured' | 'same-slot' | 'allowed';
};

/**
 * Every device that an install of this config binds to vfio-pci, by address: what the runtimes name, there or not, then
 * what has to come along. A device belongs to the first runtime that asks for it.
 */
export function devicesToBind(desired: Desired, pci: PciFacts): ReadonlyMap<string, Binding> {
  const bound = new Map<string, Binding>();
  const configured = desired.runtimes.flatMap(({ index, gpus }) =>
    gpus.map((address) => ({ address, runtime: index })),
  );
  const add = (address: string, binding: Binding) => {
    if (!bound.has(address)) bound.set(address, binding);
  };
  for (const { address, runtime } of configured) add(address, { runtime, because: 'configured' });
  for (const { address, runtime } of configured) {
    for (const mate of slotMates(pci, address)) add(mate, { runtime, because: 'same-slot' });
  }
  for (const { address, runtime } of configured) {
    for (const member of allowedMembers(desired, pci, address)) {
      add(member, { runtime, because: 'allowed' });
    }
  }
  return bound;
}

/** The functions of one card, but no virtual ones: each of these is a device of its own. */
function slotMates({ devices }: PciFacts, address: string): readonly string[] {
  const device = devices.get(address);
  if (device === undefined || device.isVirtualFunction) return [];
  const slot = `${slotOf(address)}.`;
  return [...devices.values()]
    .filter(
      (other) =>
        other.address.startsWith(slot) &&
        other.iommuGroup === device.iommuGroup &&
        isTakeable(other),
    )
    .map((other) => other.address);
}

function isTakeable(device: PciDevice): boolean {
  return !device.isVirtualFunction && !isBridge(device) && !isChipset(device);
}

/** Host bridges, ISA bridges and the like: the machine itself stands on them, not on a driver. NVSwitches are none. */
export function isChipset({ classCode, vendor }: PciDevice): boolean {
  const isNvSwitch = vendor === '10de' && classCode.startsWith('0680');
  return classCode.startsWith('06') && !isNvSwitch;
}

function allowedMembers(
  { vfio }: Desired,
  { devices }: PciFacts,
  address: string,
): readonly string[] {
  const group = devices.get(address)?.iommuGroup;
  if (group === undefined) return [];
  return vfio.allowGroupMembers.filter((member) => {
    const device = devices.get(member);
    return device?.iommuGroup === group && !isBridge(device) && !isChipset(device);
  });
}
