import { quoted } from '../../core/config/show-value.ts';
import { visible } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { HostDocument } from '../../core/hive/documents.ts';
import { hostDocumentOf } from '../../core/hive/inventory/documents-of.ts';
import type { Inventory } from '../../core/hive/inventory/inventory.ts';
import { readDocument } from '../../core/hive/read/read-document.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { readText } from '../../host/read-text.ts';
import type { World } from '../../host/world.ts';
import { fromHive } from '../hive-part.ts';
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
  else await writeDocuments(inventory, options.json, world);
  return exitCodes.ok;
}

async function writeDocuments(inventory: Inventory, json: boolean, world: World): Promise<void> {
  const { services, ...host } = await checkedHost(inventory, world);
  const { assets } = inventory;
  if (json) {
    writeJson({ format_version: FORMAT_VERSION, ok: true, host, services, assets }, world);
    return;
  }
  const documents = [
    { host },
    ...services.map((service) => ({ service })),
    ...assets.map((asset) => ({ asset })),
  ];
  world.stdout.write(await fromHive(({ writeDocuments: write }) => write(documents)));
}

/** All else has been looked at when the inventory was made. */
async function checkedHost(inventory: Inventory, world: World): Promise<HostDocument> {
  const { hostId, address } = await nameOf(inventory, world);
  const document = hostDocumentOf(inventory, { hostId, address });
  if (readDocument('host', document).ok) return document;
  const message = `no host is called ${quoted(hostId)} and reached at ${quoted(address)}`;
  const help = 'give --host-id a name, and --address a name or an IP address without a port';
  throw new VllmdError('usage', message, help);
}

/** What is not said is the name of this machine. */
async function nameOf({ host: { host_id, address } }: Inventory, world: World) {
  if (host_id !== null && address !== null) return { hostId: host_id, address };
  const own = (await readText(world.host(''), '/proc/sys/kernel/hostname')).trim();
  if (own === '') {
    const help = 'name it with --host-id and --address';
    throw new VllmdError('usage', 'this machine has no name, which a host needs', help);
  }
  return { hostId: host_id ?? own, address: address ?? host_id ?? own };
}
