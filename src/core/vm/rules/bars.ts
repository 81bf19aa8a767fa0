import { maxPhysBits, ramBytes, segmentCount, vfioDevices } from '../facts-of.ts';
import { type Flaw, flaw, vmRule } from '../make-rule.ts';
import type { VmProbe } from '../probe.ts';
import type { VmRule } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';

type Area = { readonly start: number; readonly end: number };
type Width = 32 | 64;
type Bar = { readonly at: string; readonly sizeBytes: number };

const GIB = 2 ** 30;
const HOLE_START = 3 * GIB;
const HOLE_BYTES = 640 * 2 ** 20;
const ABOVE_4_GIB = 4 * GIB;

/** The BARs of the host devices fit into the guest's address space. */
export const barRules: readonly VmRule[] = [
  vmRule('R-PCI-3', (vm, { probe }) =>
    Array.from({ length: segmentCount(vm) }, (_, segment) => segment).flatMap((segment) => [
      ...misfits(vm, probe, segment, 32),
      ...misfits(vm, probe, segment, 64),
    ]),
  ),
];

function misfits(vm: VmConfig, probe: VmProbe, segment: number, width: Width): readonly Flaw[] {
  const bars = barsOf(vm, probe, segment, width).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  let free: readonly Area[] = [share(vm, segment, width, wholeArea(vm, probe, width))];
  // Largest first: if the BARs do not fit in this order, they fit in none.
  for (const { at, sizeBytes } of bars) {
    const left = placed(free, sizeBytes);
    if (left === undefined) {
      const text = `a BAR of ${sizeBytes} bytes does not fit into the ${width}-bit area of PCI segment ${segment}`;
      return [flaw(`${at.slice(1)}/path`, text, help(width))];
    }
    free = left;
  }
  return [];
}

/** What stays free after a BAR, which is aligned to its own size; undefined when there is no room. */
function placed(free: readonly Area[], sizeBytes: number): readonly Area[] | undefined {
  const index = free.findIndex(({ start, end }) => aligned(start, sizeBytes) + sizeBytes <= end);
  const area = free[index];
  if (area === undefined) return undefined;
  const start = aligned(area.start, sizeBytes);
  const before = { start: area.start, end: start };
  const after = { start: start + sizeBytes, end: area.end };
  return [...free.slice(0, index), before, after, ...free.slice(index + 1)];
}

function aligned(address: number, sizeBytes: number): number {
  return Math.ceil(address / sizeBytes) * sizeBytes;
}

function help(width: Width): string {
  return width === 32
    ? 'use fewer PCI segments or devices: the segments share 640 MiB'
    : 'raise cpus.max_phys_bits, or use fewer PCI segments';
}

function barsOf(vm: VmConfig, probe: VmProbe, segment: number, width: Width): readonly Bar[] {
  return vfioDevices(vm)
    .filter(({ value }) => (value.pci_segment ?? 0) === segment)
    .flatMap(({ at, address }) =>
      (probe.pciDevices?.get(address)?.bars ?? [])
        .filter(({ is64Bit }) => is64Bit === (width === 64))
        .map(({ sizeBytes }) => ({ at, sizeBytes })),
    );
}

function wholeArea(vm: VmConfig, probe: VmProbe, width: Width): Area {
  if (width === 32) return { start: HOLE_START, end: HOLE_START + HOLE_BYTES };
  const bits = Math.min(probe.physicalAddressBits ?? maxPhysBits(vm), maxPhysBits(vm));
  // RAM that does not fit below the 32-bit hole goes on after 4 GiB.
  return { start: ABOVE_4_GIB + Math.max(0, ramBytes(vm) - HOLE_START), end: 2 ** bits };
}

/** The part of an area that a segment gets by its weight. */
function share(vm: VmConfig, segment: number, width: Width, { start, end }: Area): Area {
  const weights = Array.from({ length: segmentCount(vm) }, (_, number) =>
    weight(vm, number, width),
  );
  const unit = (end - start) / sum(weights);
  const own = start + unit * sum(weights.slice(0, segment));
  return { start: own, end: own + unit * (weights[segment] ?? 0) };
}

function weight(vm: VmConfig, segment: number, width: Width): number {
  const found = vm.pci_segments?.find(({ pci_segment = 0 }) => pci_segment === segment);
  const { mmio32_aperture_weight = 1, mmio64_aperture_weight = 1 } = found ?? {};
  return width === 32 ? mmio32_aperture_weight : mmio64_aperture_weight;
}

function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}
