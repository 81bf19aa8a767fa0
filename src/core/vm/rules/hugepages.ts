import { type HugepageUse, hugepageUses } from '../facts-of.ts';
import { type Flaw, flaw, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';

/** The host has the hugepages. */
export const hugepageRules: readonly VmRule[] = [
  vmRule('R-MEM-9', (vm, { probe: { freeHugepages } }) => {
    if (freeHugepages === undefined) return [];
    return [...pagesBySize(hugepageUses(vm))].flatMap(([pageBytes, pages]) => {
      const free = freeHugepages.get(pageBytes) ?? 0;
      return pages <= free ? [] : [tooFew('memory', pages, pageBytes, `${free} are free`)];
    });
  }),
  vmRule('R-MEM-10', (vm, { probe: { freeHugepagesByNode } }) => {
    const taken = new Map<string, number>();
    return hugepageUses(vm).flatMap(({ at, pageBytes, pages, numaNode }) => {
      if (numaNode === undefined || freeHugepagesByNode === undefined) return [];
      const pool = `${numaNode} ${pageBytes}`;
      const total = (taken.get(pool) ?? 0) + pages;
      taken.set(pool, total);
      const free = freeHugepagesByNode.get(numaNode)?.get(pageBytes) ?? 0;
      const state = `${free} are free on NUMA node ${numaNode}`;
      return total <= free ? [] : [tooFew(`${at.slice(1)}/size`, total, pageBytes, state)];
    });
  }),
];

/** How many pages of each size; the key is the bytes of a page. */
export function pagesBySize(uses: readonly HugepageUse[]): ReadonlyMap<number, number> {
  const pages = new Map<number, number>();
  for (const use of uses) pages.set(use.pageBytes, (pages.get(use.pageBytes) ?? 0) + use.pages);
  return pages;
}

function tooFew(key: string, pages: number, pageBytes: number, state: string): Flaw {
  return flaw(
    key,
    `needs ${pages} hugepages of ${pageBytes} bytes, ${state}`,
    'reserve more of them on the host, or give the VM less RAM',
  );
}
