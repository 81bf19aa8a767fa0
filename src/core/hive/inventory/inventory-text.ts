import type { RenderContext } from '../../kinds/kind.ts';
import type { Desired } from '../../resolve/desired.ts';
import type { Inventory } from './inventory.ts';
import { inventoryOf } from './inventory-of.ts';

/** The inventory of a host as its agent reads it. */
export function inventoryText(desired: Desired, llama: RenderContext['llama']): string {
  const { runtimes, network, hive } = desired;
  const { inventory } = inventoryOf({
    runtimes,
    isNat: network.mode === 'nat',
    llama,
    instances: llama.get(hive.llamaConfig) ?? [],
    gpuNames: new Map(),
  });
  return `${JSON.stringify(namedIn(inventory, desired), null, 2)}\n`;
}

/** With what the config says of the host; what it does not say is found out where its agent runs. */
export function namedIn({ host, ...rest }: Inventory, { hive }: Desired): Inventory {
  const named = { host_id: hive.hostId || null, address: hive.address || null };
  return { host: { ...host, ...named }, ...rest };
}
