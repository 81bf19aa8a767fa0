import { type Diagnostic, errorAt, keyPath } from '../../diagnostic.ts';
import { groupMembers, type PciDevice } from '../../facts/pci.ts';
import { isChipset } from './devices-to-bind.ts';
import { isGpuLike } from './gpu-class.ts';
import { groupTree, isInTheWay } from './group-tree.ts';
import type { HostCheck } from './host-check.ts';
import { PART } from './part-group.ts';
import { type GpuUse, presentGpus, type VfioView } from './vfio-view.ts';
import { wayOut } from './way-out.ts';

/** Nothing in a group of a configured device stays with a driver of the host. */
export const iommuGroupViable: HostCheck = {
  id: 'iommu-group-viable',
  check: (view) => {
    const seen = new Set<string>();
    return presentGpus(view).flatMap((use) => {
      const group = use.device.iommuGroup;
      if (group === undefined || seen.has(group)) return [];
      seen.add(group);
      const blockers = groupMembers(view.pci, group).filter((device) => isInTheWay(view, device));
      return blockers.length === 0 ? [] : [refusal(view, use, group, blockers)];
    });
  },
};

function refusal(
  view: VfioView,
  use: GpuUse,
  group: string,
  blockers: readonly PciDevice[],
): Diagnostic {
  const names = blockers.map(({ address, driver }) => `${address} (${driver})`).join(', ');
  const message = `runtime ${use.runtime.index}: ${use.address} cannot be passed on while its IOMMU group ${group} is in use by the host: ${names}`;
  return {
    ...errorAt('iommu-group-viable', use.pointer, message, remedy(view, use, blockers)),
    detail: groupTree(view, group),
  };
}

/** The smallest change that helps. */
function remedy(view: VfioView, use: GpuUse, blockers: readonly PciDevice[]): string {
  const rooted = blockers.flatMap((device) => {
    const reason = whyRooted(view, device);
    return reason === undefined ? [] : [`${device.address} cannot leave the host: ${reason}`];
  });
  if (rooted.length > 0) return [...rooted, PART].join('\n');
  const gpus = blockers.filter(isGpuLike);
  const others = blockers.filter((device) => !isGpuLike(device));
  const { allowGroupMembers } = view.desired.vfio;
  return [
    ...addition(`${keyPath(use.runtime.source)}.gpus`, use.runtime.gpus, gpus),
    ...addition('vfio.allow_group_members', allowGroupMembers, others),
    ...blockers.flatMap(({ address, inUse }) =>
      inUse.map((found) => `before that, take ${address} out of use: ${found}`),
    ),
    `or keep ${blockers.length === 1 ? 'it' : 'them'} on the host: ${PART}`,
  ].join('\n');
}

function addition(
  key: string,
  present: readonly string[],
  added: readonly PciDevice[],
): readonly string[] {
  if (added.length === 0) return [];
  const addresses = [...present, ...added.map(({ address }) => address)];
  return [`set ${key} = [${addresses.map((address) => `"${address}"`).join(', ')}]`];
}

/** What no change of the config can take from the host. */
function whyRooted(view: VfioView, device: PciDevice): string | undefined {
  if (isChipset(device)) return 'it is part of the chipset';
  if (device.isBootVga) return 'it is the display that the firmware booted with';
  if (device.virtualFunctions > 0) return 'its virtual functions would vanish';
  const way = wayOut(view, device);
  if (way !== undefined) return way;
  // Another interface can be taken down; what is on a disk has to stay.
  return device.inUse.find((use) => !use.startsWith('network interface '));
}
