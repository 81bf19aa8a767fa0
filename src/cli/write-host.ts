import { quoted } from '../core/config/show-value.ts';
import { VllmdError } from '../core/failure.ts';
import type { HostDocument } from '../core/hive/documents.ts';
import { hostDocumentOf } from '../core/hive/inventory/documents-of.ts';
import type { Inventory } from '../core/hive/inventory/inventory.ts';
import { readDocument } from '../core/hive/read/read-document.ts';
import { writeDocuments } from '../core/hive/text/write-documents.ts';
import { FORMAT_VERSION } from '../core/report/format-version.ts';
import { readText } from '../host/read-text.ts';
import type { World } from '../host/world.ts';
import { writeJson } from './write-json.ts';

/** Prints an inventory as documents of the registry: a stream of YAML, or one object. */
export async function writeHost(inventory: Inventory, json: boolean, world: World): Promise<void> {
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
  world.stdout.write(writeDocuments(documents));
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
