import { type BusRange, busOf, domainOf } from '../facts/bus-range.ts';
import type { PciDevice } from '../facts/pci.ts';

/** A device and what is behind it, by address. */
export type BusTree = { readonly device: PciDevice; readonly children: readonly BusTree[] };

/**
 * What hangs on what, from the bus numbers alone. What is on no bus behind a bridge stands on a root bus. Virtual
 * functions may have a bus of their own within the range of their bridge.
 */
export function busTrees(
  devices: readonly PciDevice[],
  buses: ReadonlyMap<string, BusRange>,
): readonly BusTree[] {
  const children = new Map<string, PciDevice[]>();
  const roots: PciDevice[] = [];
  for (const device of devices.toSorted((a, b) => (a.address < b.address ? -1 : 1))) {
    const parent = bridgeAbove(device.address, buses);
    if (parent === undefined) roots.push(device);
    else children.set(parent, [...(children.get(parent) ?? []), device]);
  }
  const treeOf = (device: PciDevice): BusTree => ({
    device,
    children: (children.get(device.address) ?? []).map(treeOf),
  });
  return roots.map(treeOf);
}

/** The narrowest bridge whose range has the bus. A range that begins on the bridge's own bus would be a loop. */
function bridgeAbove(address: string, buses: ReadonlyMap<string, BusRange>): string | undefined {
  const bus = busOf(address);
  const around = [...buses].filter(
    ([bridge, { secondary, subordinate }]) =>
      domainOf(bridge) === domainOf(address) &&
      busOf(bridge) < secondary &&
      secondary <= bus &&
      bus <= subordinate,
  );
  const [nearest] = around.toSorted(([, a], [, b]) => b.secondary - a.secondary);
  return nearest?.[0];
}
