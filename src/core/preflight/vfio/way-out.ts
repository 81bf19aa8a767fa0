import type { PciDevice } from '../../facts/pci.ts';
import type { VfioView } from './vfio-view.ts';

/** Why nobody would reach the host, or the guests nothing outside, without this device; undefined where that is not so. */
export function wayOut({ desired }: VfioView, { uplink, inUse }: PciDevice): string | undefined {
  const configured = desired.network.uplink;
  const isConfigured =
    configured !== '' &&
    (configured === uplink || inUse.includes(`network interface ${configured} is up`));
  const reasons = [
    ...(uplink === undefined ? [] : [`the default route of the host leaves by ${uplink}`]),
    ...(isConfigured ? [`network.default_interface of this config is ${configured}`] : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(', and ');
}
