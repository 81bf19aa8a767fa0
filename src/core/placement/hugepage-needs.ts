import type { Desired } from '../resolve/desired.ts';
import type { Placement } from './place.ts';

/** Pages that the runtimes need together; `node` is undefined for those that may lie anywhere. */
export type HugepageNeed = { readonly node: number | undefined; readonly pages: number };

/** By node, those without one last. */
export function hugepageNeeds(
  { memory, runtimes }: Desired,
  placements: ReadonlyMap<number, Placement>,
): readonly HugepageNeed[] {
  if (memory.hugepageBytes === 0) return [];
  const pages = new Map<number | undefined, number>();
  const add = (node: number | undefined, bytes: number) => {
    pages.set(node, (pages.get(node) ?? 0) + bytes / memory.hugepageBytes);
  };
  for (const { index, memoryGib } of runtimes) {
    const zones = placements.get(index)?.zones ?? [];
    if (zones.length === 0) add(undefined, memoryGib * 2 ** 30);
    for (const { node, memoryBytes } of zones) add(node, memoryBytes);
  }
  return [...pages]
    .map(([node, count]) => ({ node, pages: count }))
    .sort((a, b) => (a.node ?? Number.POSITIVE_INFINITY) - (b.node ?? Number.POSITIVE_INFINITY));
}
