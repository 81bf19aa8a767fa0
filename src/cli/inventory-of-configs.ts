import { inventoryOf, type ToldInventory } from '../core/hive/inventory/inventory-of.ts';
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
  const instances = loaded.llama.flatMap((file) => file.instances);
  const guests = loaded.host === undefined ? noGuests : await guestsOf(loaded.host, world);
  // The config may be another host's, whose GPUs are not those at the same addresses here.
  return inventoryOf({ ...guests, instances, gpuNames: new Map() });
}

const noGuests = { runtimes: [], isNat: false, llama: new Map() };

async function guestsOf({ input, llama }: LoadedConfig, world: World) {
  const account = await readAccount(world.host(''), input.global.user);
  // Of the machine only addresses of hardware are made, which nobody asks for here.
  const { runtimes, network } = resolve(input, account, '');
  return { runtimes, isNat: network.mode === 'nat', llama: llama.instances };
}
