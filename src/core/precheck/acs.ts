import { busOf, domainOf } from '../facts/bus-range.ts';
import { groupMembers } from '../facts/pci.ts';
import { isIsolating, type PciPort } from '../facts/pci-capabilities.ts';
import type { Check } from './check.ts';
import { hasFinding, listed, type PrecheckView, pciOf, wantedDevices } from './view.ts';

/** Access control (ACS) of the bridges above the GPUs: with it devices below one cannot reach each other past the IOMMU. */
export function acsChecks(view: PrecheckView): readonly Check[] {
  const found = look(view);
  switch (found.kind) {
    case 'none':
      return [];
    case 'unseen':
      return [unseen(view)];
    case 'open':
      return [reachable(found.bridges)];
    case 'closed':
      return [closed(view, found.bridges.length)];
  }
}

/** All bridges have it on: switching it on is no advice. */
export function isAcsOn(view: PrecheckView): boolean {
  return look(view).kind === 'closed';
}

type Found =
  | { readonly kind: 'none' | 'unseen' }
  | { readonly kind: 'open' | 'closed'; readonly bridges: readonly string[] };

/** Bridges above the GPUs, and above what shares a group with one: it may be theirs that lack it. */
function look(view: PrecheckView): Found {
  const pci = pciOf(view);
  if (!pci.hasIommu) return { kind: 'none' };
  const groups = new Set(wantedDevices(view).flatMap(({ iommuGroup }) => iommuGroup ?? []));
  const near = [...groups].flatMap((group) => groupMembers(pci, group));
  const bridges = [...new Set(near.flatMap(({ address }) => bridgesAbove(view, address)))].sort();
  if (bridges.length === 0) return { kind: 'none' };
  const acsOf = (address: string) => view.machine.ports.get(address)?.acs;
  if (bridges.some((address) => acsOf(address) === undefined)) return { kind: 'unseen' };
  const open = bridges.filter((address) => {
    const acs = acsOf(address);
    return acs === 'none' || acs === undefined || !isIsolating(acs);
  });
  return open.length === 0 ? { kind: 'closed', bridges } : { kind: 'open', bridges: open };
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

function closed(view: PrecheckView, count: number): Check {
  const message = `ACS is on at ${count === 1 ? 'the bridge' : `all ${count} bridges`} above the GPUs`;
  if (!hasFinding(view, 'iommu-group-viable', 'group-one-runtime')) {
    return { ...base, verdict: 'pass', message };
  }
  const all = `${message} and what shares their groups; the kernel keeps them together all the same, so only another slot parts them`;
  return { ...base, verdict: 'info', message: all };
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
