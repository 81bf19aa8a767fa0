import type { Inventory } from '../facts/inventory.ts';
import type { NumaNode } from '../facts/numa.ts';

/** A size that a config can name, of pages that this host has reserved. */
export type PageSize = { readonly name: '1G' | '2M'; readonly bytes: number };

const sizes: readonly PageSize[] = [
  { name: '1G', bytes: 2 ** 30 },
  { name: '2M', bytes: 2 ** 21 },
];

/** Whose pages are most of the host's memory: whoever reserved them wanted the runtimes to have them. */
export function pageSizeOf({ numa, memoryBytes = 0 }: Inventory): PageSize | undefined {
  const rest = memoryBytes - reservedBytes(numa.nodes);
  return sizes.find((size) => pageBytes(numa.nodes, size) > rest);
}

/** In pages of one size. */
export function pageBytes(
  nodes: readonly NumaNode[],
  { bytes }: PageSize,
  which: 'total' | 'free' = 'total',
): number {
  return nodes.reduce(
    (sum, { hugepages }) => sum + bytes * (hugepages.get(bytes)?.[which] ?? 0),
    0,
  );
}

/** In pages of any other size, which is lost to the runtimes. */
export function reservedBytes(nodes: readonly NumaNode[], used?: PageSize): number {
  return nodes
    .flatMap(({ hugepages }) => [...hugepages])
    .filter(([size]) => size !== used?.bytes)
    .reduce((sum, [size, { total }]) => sum + size * total, 0);
}
