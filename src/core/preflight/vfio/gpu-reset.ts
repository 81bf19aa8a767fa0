import { groupMembers } from '../../facts/pci.ts';
import { isBridge } from '../../facts/pci-driver.ts';
import { warningAt } from '../check.ts';
import type { HostCheck } from './host-check.ts';
import { presentGpus, type VfioView } from './vfio-view.ts';

const HELP =
  'what one guest leaves in the device the next one finds, and after a crash only a power cycle of the host may help';

/** A device can be reset between two guests without its neighbours. */
export const gpuReset: HostCheck = {
  id: 'gpu-reset',
  check: (view) =>
    presentGpus(view).flatMap(({ runtime, device, pointer }) => {
      if (isBridge(device)) return [];
      const { address, resetMethods, iommuGroup } = device;
      const reason = reasonOf(resetMethods, neighbours(view, iommuGroup));
      if (reason === undefined) return [];
      const message = `runtime ${runtime.index}: ${address} cannot be reset on its own: ${reason}`;
      return [warningAt('gpu-reset', pointer, message, HELP)];
    }),
};

function reasonOf(methods: readonly string[], endpoints: number): string | undefined {
  if (methods.length === 0) return 'it has no way to be reset';
  const isBusOnly = methods.every((method) => method === 'bus');
  return isBusOnly && endpoints > 1
    ? `its only reset is that of the bus, and its IOMMU group has ${endpoints} devices besides bridges`
    : undefined;
}

function neighbours({ pci }: VfioView, group: string | undefined): number {
  if (group === undefined) return 1;
  return groupMembers(pci, group).filter((device) => !isBridge(device)).length;
}
