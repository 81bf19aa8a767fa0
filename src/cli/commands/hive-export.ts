import { visible } from '../../core/control-characters.ts';
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { inventoryOfConfigs } from '../inventory-of-configs.ts';
import type { Configs } from '../load-configs.ts';
import { writeJson } from '../write-json.ts';

type ExportOptions = Configs & {
  readonly hostId?: string | undefined;
  readonly address?: string | undefined;
  readonly inventory: boolean;
};

/** Prints what configs have to serve as documents of the registry, and on stderr what is not in them. */
export async function hiveExport(options: ExportOptions, world: World): Promise<number> {
  const { hostId, address, inventory: isWanted, ...configs } = options;
  const told = await inventoryOfConfigs(configs, world);
  if (told === undefined) return exitCodes.config;
  for (const note of told.notes) world.notes.write(`note: ${visible(note)}\n`);
  const { host, ...rest } = told.inventory;
  const named = { host_id: hostId ?? host.host_id, address: address ?? host.address };
  const inventory = { host: { ...host, ...named }, ...rest };
  if (isWanted) writeJson(inventory, world);
  else {
    // The library that writes YAML is as large as all else of this command.
    const { writeHost } = await import('../write-host.ts');
    await writeHost(inventory, options.json, world);
  }
  return exitCodes.ok;
}
