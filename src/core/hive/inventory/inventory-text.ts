import type { RenderContext } from '../../kinds/kind.ts';
import type { Desired } from '../../resolve/desired.ts';
import type { Inventory } from './inventory.ts';
import { inventoryOf } from './inventory-of.ts';

/** The inventory of a host as its agent reads it. What the config does not say of the host is found out there. */
export function inventoryText(
  { runtimes, network, hive }: Desired,
  llama: RenderContext['llama'],
): string {
  const { inventory } = inventoryOf({
    runtimes,
    isNat: network.mode === 'nat',
    llama,
    instances: llama.get(hive.llamaConfig) ?? [],
    gpuNames: new Map(),
  });
  const named: Inventory = {
    ...inventory,
    host: { ...inventory.host, host_id: hive.hostId || null, address: hive.address || null },
  };
  return `${JSON.stringify(named, null, 2)}\n`;
}
