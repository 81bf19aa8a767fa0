import { groupMembers, type PciDevice } from '../../facts/pci.ts';
import { className } from '../../facts/pci-class.ts';
import { isBridge, isHeldByHost } from '../../facts/pci-driver.ts';
import { boundDevices, type VfioView } from './vfio-view.ts';

/** It belongs to the host and keeps the rest of its group from any VM. */
export function isInTheWay({ bound }: VfioView, device: PciDevice): boolean {
  return isHeldByHost(device) && !isBridge(device) && !bound.has(device.address);
}

/** The members of a group, one a line, and what becomes of each. */
export function groupTree(view: VfioView, group: string): readonly string[] {
  const members = groupMembers(view.pci, group);
  const rows = members.map((device) => [
    device.address,
    `${device.classCode.slice(0, 4)} ${className(device.classCode)}`,
    `${device.vendor}:${device.device}`,
    device.driver === undefined ? 'no driver' : `driver ${device.driver}`,
    noteOn(view, device),
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row, position) => {
    const branch = position === rows.length - 1 ? '└─' : '├─';
    return [branch, ...row.map((cell, column) => cell.padEnd(widths[column] ?? 0))].join('  ');
  });
  return [`IOMMU group ${group}`, ...lines.map((line) => line.replace('  ', ' ').trimEnd())];
}

function noteOn(view: VfioView, device: PciDevice): string {
  const binding = view.bound.get(device.address);
  if (binding?.because === 'configured') return `gpus of runtime ${binding.runtime}`;
  if (binding?.because === 'allowed') return 'taken along, vfio.allow_group_members';
  if (binding !== undefined) return `taken along with ${originOf(view, device)}`;
  if (isBridge(device)) return 'bridge, stays';
  if (!isInTheWay(view, device)) return 'stays as it is';
  return ['<- in the way', ...device.inUse].join(', ');
}

function originOf(view: VfioView, device: PciDevice): string {
  return boundDevices(view).find((bound) => bound.device === device)?.use.address ?? '';
}
