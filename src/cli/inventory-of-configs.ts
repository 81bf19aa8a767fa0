import { inventoryOf, type ToldInventory } from '../core/hive/inventory/inventory-of.ts';
import { inventoryOfHost } from '../core/hive/inventory/inventory-of-host.ts';
import { resolve } from '../core/resolve/resolve.ts';
import { readAccount } from '../host/inspect.ts';
import type { World } from '../host/world.ts';
import type { LoadedConfig } from './load.ts';
import { type Configs, loadConfigs } from './load-configs.ts';

/** What configs have to serve. undefined: one of them is not valid, which was shown. */
export async function inventoryOfConfigs(
  configs: Configs,
  world: World,
): Promise<ToldInventory | undefined> {
  const loaded = await loadConfigs(configs, world);
  if (loaded === undefined) return undefined;
  const { host, llama } = loaded;
  const instances = llama.flatMap((file) => file.instances);
  if (host === undefined) {
    return inventoryOf({ runtimes: [], isNat: false, llama: new Map(), instances });
  }
  const desired = await desiredOf(host, world);
  // A file that is named here takes the place of the one in the config, also where nothing of it is to run.
  return inventoryOfHost(desired, host.llama.instances, llama.length > 0 ? instances : undefined);
}

async function desiredOf({ input }: LoadedConfig, world: World) {
  const account = await readAccount(world.host(''), input.global.user);
  // Of the machine only addresses of hardware are made, which nobody asks for here.
  return resolve(input, account, '');
}
