import { inventoryOf, type ToldInventory } from '../core/hive/inventory/inventory-of.ts';
import { namedIn } from '../core/hive/inventory/inventory-text.ts';
import type { Desired } from '../core/resolve/desired.ts';
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
  const given = loaded.llama.flatMap((file) => file.instances);
  if (loaded.host === undefined) return inventoryOf({ ...noHost, instances: given });
  const desired = await desiredOf(loaded.host, world);
  const llama = loaded.host.llama.instances;
  const { inventory, notes } = inventoryOf({
    ...noHost,
    ...{ runtimes: desired.runtimes, isNat: desired.network.mode === 'nat', llama },
    // Files that are named here take the place of the one in the config.
    instances: given.length > 0 ? given : (llama.get(desired.hive.llamaConfig) ?? []),
  });
  return { inventory: namedIn(inventory, desired), notes };
}

/** The config may be another host's, whose GPUs are not those at the same addresses here. */
const noHost = { runtimes: [], isNat: false, llama: new Map(), gpuNames: new Map() };

async function desiredOf({ input }: LoadedConfig, world: World): Promise<Desired> {
  const account = await readAccount(world.host(''), input.global.user);
  // Of the machine only addresses of hardware are made, which nobody asks for here.
  return resolve(input, account, '');
}
