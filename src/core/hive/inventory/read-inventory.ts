import { decode } from '../read/decode.ts';
import { depthProblem } from '../read/depth.ts';
import type { Problem } from '../read/problem.ts';
import type { Inventory } from './inventory.ts';
import { inventoryTable } from './inventory-table.ts';

/** What a file says that a host has to serve, with all defaults, or everything that is wrong with it. */
export function readInventory(
  value: unknown,
):
  | { readonly ok: true; readonly value: Inventory }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  const deep = depthProblem(value);
  if (deep !== undefined) return { ok: false, problems: [deep] };
  const problems: Problem[] = [];
  // An empty file is a host that has nothing to serve.
  const decoded = decode(value ?? {}, inventoryTable, [], (problem) => problems.push(problem));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: decoded as unknown as Inventory };
}
