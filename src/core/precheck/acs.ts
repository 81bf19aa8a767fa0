import { busOf, domainOf } from '../facts/bus-range.ts';
import { isIsolating, type PciPort } from '../facts/pci-capabilities.ts';
import type { Check } from './check.ts';
import { listed, type PrecheckView, pciOf, wantedDevices } from './view.ts';

/** Access control (ACS) of the bridges above the GPUs: with it devices below one cannot reach each other past the IOMMU. */
export function acsChecks(view: PrecheckView): readonly Check[] {
  const devices = wantedDevices(view);
  if (devices.length === 0 || !pciOf(view).hasIommu) return [];
  const bridges = [
    ...new Set(devices.flatMap(({ address }) => bridgesAbove(view, address))),
  ].sort();
  if (bridges.length === 0) return [];
  const portOf = (address: string) => view.machine.ports.get(address)?.acs;
  if (bridges.some((address) => portOf(address) === undefined)) return [unseen(view)];
  const open = bridges.filter((address) => {
    const acs = portOf(address);
    return acs === 'none' || acs === undefined || !isIsolating(acs);
  });
  return [open.length === 0 ? closed(bridges.length) : reachable(open)];
}

/** Bridges whose buses hold the device, by the numbers that their headers have. */
function bridgesAbove({ machine }: PrecheckView, address: string): readonly string[] {
  return [...machine.ports].flatMap(([bridge, port]) =>
    domainOf(bridge) === domainOf(address) && !port.isUpstream && isBehind(port, busOf(address))
      ? [bridge]
      : [],
  );
}

function isBehind({ buses }: PciPort, bus: number): boolean {
  return buses !== undefined && buses.secondary <= bus && bus <= buses.subordinate;
}

const base = { id: 'acs', subsystem: 'iommu' } as const;

function unseen({ isRoot }: PrecheckView): Check {
  const message =
    'ACS of the bridges above the GPUs stands in their configuration space; the IOMMU groups follow from it, and are checked';
  return { ...base, verdict: 'info', message, ...(isRoot ? {} : { needsRoot: true }) };
}

function closed(count: number): Check {
  const message = `ACS is on at ${count === 1 ? 'the bridge' : `all ${count} bridges`} above the GPUs`;
  return { ...base, verdict: 'pass', message };
}

/** Root ports of some chipsets isolate without saying so: the kernel knows them, and its groups count. */
function reachable(open: readonly string[]): Check {
  return {
    ...base,
    verdict: 'info',
    message: `${listed(open)} ${open.length === 1 ? 'has' : 'have'} ACS off, or none: what hangs on it may share a group, as far as the groups say so`,
    remedy: [
      'where a GPU shares its group with others: switch on ACS (PCIe ACS Support, ARI Support, ACS Control) in the firmware',
    ],
  };
}
