import { parseDefaultRoute } from '../core/facts/routes.ts';
import type { HostReader } from './host.ts';
import { names } from './read-pci-attribute.ts';
import { readText } from './read-text.ts';

const LOWER = 'lower_';
/** A VLAN on a bridge on a bond is three. */
const MAX_LAYERS = 8;

/** The interface of the default route, and those that it stands on: ports of a bridge, of a bond, what a VLAN is on. */
export async function readUplinks(host: HostReader): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const device = parseDefaultRoute(await readText(host, '/proc/net/route'))?.device;
  if (device !== undefined && !device.includes('/'))
    await addBelow(host, device, found, MAX_LAYERS);
  return found;
}

async function addBelow(
  host: HostReader,
  name: string,
  found: Set<string>,
  layers: number,
): Promise<void> {
  if (found.has(name) || layers === 0) return;
  found.add(name);
  for (const entry of await names(host, `/sys/class/net/${name}`)) {
    if (entry.startsWith(LOWER)) await addBelow(host, entry.slice(LOWER.length), found, layers - 1);
  }
}
