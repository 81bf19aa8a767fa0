import type { RenderContext } from '../../kinds/kind.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import type { Desired } from '../../resolve/desired.ts';
import { inventoryOf, type ToldInventory } from './inventory-of.ts';

/**
 * What a host has to serve by its config; what that does not say of the host is found out where its agent runs. `instances`
 * are those beside the guests, in the place of the file that the config names for them.
 */
export function inventoryOfHost(
  { runtimes, network, hive }: Desired,
  llama: RenderContext['llama'],
  instances: readonly LlamaInstance[] = llama.get(hive.llamaConfig) ?? [],
): ToldInventory {
  const isNat = network.mode === 'nat';
  const { inventory, notes } = inventoryOf({ runtimes, isNat, llama, instances });
  const { host, ...rest } = inventory;
  const named = { host_id: hive.hostId || null, address: hive.address || null };
  return { inventory: { host: { ...host, ...named }, ...rest }, notes };
}
