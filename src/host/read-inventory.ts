import type { BusRange } from '../core/facts/bus-range.ts';
import { parseBusRange } from '../core/facts/bus-range.ts';
import type { HostCpu, Inventory } from '../core/facts/inventory.ts';
import { parseAvailableBytes, parseMemoryBytes } from '../core/facts/meminfo.ts';
import type { PciFacts } from '../core/facts/pci.ts';
import { parseNumber } from '../core/facts/pci-attributes.ts';
import { modelOf, noNames, type PciNames, parsePciIds } from '../core/facts/pci-ids.ts';
import type { HostReader } from './host.ts';
import { readOnlineCpus } from './read-facts.ts';
import { readNuma } from './read-numa.ts';
import { CONFIG_HEADER_BYTES, DEVICES, readPci } from './read-pci.ts';
import { attribute, bytes } from './read-pci-attribute.ts';
import { readText, readThroughLinks } from './read-text.ts';

/** Where distributions keep it: Debian and its kin, Fedora and its kin. */
const PCI_IDS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'];

/** Devices, buses, CPUs and memory of a host. */
export async function readInventory(
  host: HostReader,
  options: { readonly withHolders: boolean },
): Promise<Inventory> {
  const pci = await readPci(host, 'all', options);
  const meminfo = await readText(host, '/proc/meminfo');
  return {
    pci,
    buses: await readBuses(host, pci),
    names: await readNames(host, pci),
    cpus: await readCpus(host),
    numa: await readNuma(host),
    memoryBytes: parseMemoryBytes(meminfo),
    availableBytes: parseAvailableBytes(meminfo),
  };
}

async function readBuses(
  host: HostReader,
  { devices }: PciFacts,
): Promise<ReadonlyMap<string, BusRange>> {
  const buses = new Map<string, BusRange>();
  for (const { address, headerType } of devices.values()) {
    if (headerType !== 1) continue;
    const config = await bytes(host, `${DEVICES}/${address}/config`, CONFIG_HEADER_BYTES);
    const range = parseBusRange(config);
    if (range !== undefined) buses.set(address, range);
  }
  return buses;
}

/** The package may be missing: then devices have numbers. */
async function readNames(host: HostReader, { devices }: PciFacts): Promise<PciNames> {
  const wanted = new Set([...devices.values()].map(modelOf));
  for (const path of PCI_IDS) {
    const text = await readThroughLinks(host, path);
    if (text !== '') return parsePciIds(text, wanted);
  }
  return noNames;
}

async function readCpus(host: HostReader): Promise<readonly HostCpu[]> {
  const cpus: HostCpu[] = [];
  for (const id of (await readOnlineCpus(host)) ?? []) {
    const at = `/sys/devices/system/cpu/cpu${id}/topology`;
    const siblings =
      (await attribute(host, `${at}/core_cpus_list`)) ||
      (await attribute(host, `${at}/thread_siblings_list`));
    cpus.push({
      id,
      socket: parseNumber(await attribute(host, `${at}/physical_package_id`)),
      core: siblings || String(id),
    });
  }
  return cpus;
}
