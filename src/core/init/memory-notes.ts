import type { Inventory } from '../facts/inventory.ts';
import { gib } from '../preflight/check.ts';
import type { ProposedRuntime } from './proposal.ts';
import { pageBytes, pageSizeOf, reservedBytes } from './reserved-pages.ts';

/** A VM with a GPU takes all its memory when it starts. */
export function memoryNotes(
  runtimes: readonly ProposedRuntime[],
  inventory: Inventory,
): readonly string[] {
  const { availableBytes, numa } = inventory;
  const size = pageSizeOf(inventory);
  const wanted = runtimes.reduce((sum, { memoryGib }) => sum + memoryGib, 0) * 2 ** 30;
  const free = size === undefined ? availableBytes : pageBytes(numa.nodes, size, 'free');
  const lost = reservedBytes(numa.nodes, size);
  const pages = size === undefined ? '' : ` in huge pages of ${size.name}`;
  return [
    ...(free === undefined || wanted <= free
      ? []
      : [
          `the runtimes get ${gib(wanted)}${pages} together, and ${gib(free)} are free now: stop what uses the rest before they start, or lower memory_gb`,
        ]),
    ...(lost === 0
      ? []
      : [
          `${gib(lost)} are reserved as huge pages and not counted: with memory.hugepages of their size the runtimes can have them`,
        ]),
  ];
}

/** Why a GPU gets nothing. */
export function nothingLeft(inventory: Inventory): string {
  const lost = reservedBytes(inventory.numa.nodes, pageSizeOf(inventory));
  const what = 'no memory or no core of the host is left for it';
  if (lost === 0) return `${what}: choose fewer GPUs, or write smaller parts`;
  return `${what}, of which ${gib(lost)} are reserved as huge pages and not counted: reserve fewer (vm.nr_hugepages, hugepages= on the kernel command line), set memory.hugepages to their size, or choose fewer GPUs`;
}
