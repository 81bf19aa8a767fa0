import type { Diagnostic } from '../diagnostic.ts';
import { assumedAccount } from '../facts/accounts.ts';
import type { Inventory } from '../facts/inventory.ts';
import { place } from '../placement/place.ts';
import { memoryChecks } from '../preflight/memory.ts';
import { resolve } from '../resolve/resolve.ts';
import type { ProposedRuntime } from './proposal.ts';
import { pageSizeOf } from './reserved-pages.ts';

/** What an install would say of memory and CPUs that somebody has chosen. */
export function judgeSizes(
  runtimes: readonly ProposedRuntime[],
  inventory: Inventory,
): readonly Diagnostic[] {
  const { numa, pci, cpus, memoryBytes } = inventory;
  const pages = pageSizeOf(inventory);
  const input = {
    schema_version: 2 as const,
    global: { user: 'vllm' },
    ...(pages === undefined ? {} : { memory: { hugepages: pages.name } }),
    runtimes: runtimes.map((runtime) => ({
      index: runtime.index,
      name: runtime.name,
      gpus: runtime.gpus.map(({ address }) => address),
      memory_gb: runtime.memoryGib,
      cpus: runtime.cpus,
    })),
  };
  const desired = resolve(input, assumedAccount('vllm'), '');
  const placements = place(desired, { numa, pci });
  const facts = { memoryBytes, numa, onlineCpus: cpus.map(({ id }) => id) };
  return memoryChecks({ desired, placements, facts });
}
