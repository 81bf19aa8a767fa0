import { type PciDevice, type PciFacts, slotOf, unreadDevice } from '../core/facts/pci.ts';
import {
  isSilentHeader,
  parseBars,
  parseDriverOverride,
  parseHeaderType,
  parseHex,
  parseNumber,
} from '../core/facts/pci-attributes.ts';
import { isBridge, isHeldByHost } from '../core/facts/pci-driver.ts';
import type { HostReader } from './host.ts';
import { attribute, bytes, linkName, names } from './read-pci-attribute.ts';
import { readHolders } from './read-pci-holders.ts';
import { readHostWide } from './read-pci-host.ts';
import { readBlockUse, readInUse } from './read-pci-in-use.ts';
import { readUplinks } from './read-uplinks.ts';

export const DEVICES = '/sys/bus/pci/devices';
/** Some controllers open domains beyond four digits. */
const ADDRESS = /^[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[0-7]$/;
/** The part of `config` that every account may read. */
export const CONFIG_HEADER_BYTES = 64;

/**
 * The PCI devices of a host. What takes time, who uses a device and what stands behind it, is read for the wanted ones
 * and for those that share a slot or an IOMMU group with them. Without holders no open file of a process is looked at.
 */
export async function readPci(
  host: HostReader,
  wanted: readonly string[] | 'all',
  { withHolders = true }: { readonly withHolders?: boolean } = {},
): Promise<PciFacts> {
  const devices = new Map<string, PciDevice>();
  for (const address of await names(host, DEVICES)) {
    if (ADDRESS.test(address)) devices.set(address, await readBasics(host, address));
  }
  const near: PciDevice[] = [];
  for (const device of nearTo([...devices.values()], wanted)) {
    near.push(await withDetails(host, device));
  }
  const taken = near.filter((device) => isHeldByHost(device) && !isBridge(device));
  const blockUse = await readBlockUse(host);
  const uplinks = await readUplinks(host);
  const holders = await readHolders(host, withHolders ? taken : []);
  for (const device of near) devices.set(device.address, device);
  for (const device of taken) {
    devices.set(device.address, {
      ...device,
      ...(await readInUse(host, `${DEVICES}/${device.address}`, { blockUse, uplinks })),
      holders: holders.get(device.address) ?? [],
    });
  }
  return { devices, ...(await readHostWide(host)) };
}

/** The wanted devices, what shares a slot with one, and what shares a group with any of these. */
function nearTo(
  devices: readonly PciDevice[],
  wanted: readonly string[] | 'all',
): readonly PciDevice[] {
  if (wanted === 'all') return devices;
  const slots = new Set(wanted.map(slotOf));
  const groups = new Set(
    devices.filter(({ address }) => slots.has(slotOf(address))).map(({ iommuGroup }) => iommuGroup),
  );
  groups.delete(undefined);
  return devices.filter(
    ({ address, iommuGroup }) => slots.has(slotOf(address)) || groups.has(iommuGroup),
  );
}

async function readBasics(host: HostReader, address: string): Promise<PciDevice> {
  const at = `${DEVICES}/${address}`;
  return {
    ...unreadDevice(address),
    vendor: parseHex(await attribute(host, `${at}/vendor`), 4),
    device: parseHex(await attribute(host, `${at}/device`), 4),
    subsystemVendor: parseHex(await attribute(host, `${at}/subsystem_vendor`), 4),
    subsystemDevice: parseHex(await attribute(host, `${at}/subsystem_device`), 4),
    classCode: parseHex(await attribute(host, `${at}/class`), 6),
    driver: await linkName(host, `${at}/driver`),
    iommuGroup: await linkName(host, `${at}/iommu_group`),
  };
}

async function withDetails(host: HostReader, device: PciDevice): Promise<PciDevice> {
  const at = `${DEVICES}/${device.address}`;
  const header = await bytes(host, `${at}/config`, CONFIG_HEADER_BYTES);
  return {
    ...device,
    driverOverride: parseDriverOverride(await attribute(host, `${at}/driver_override`)),
    numaNode: parseNumber(await attribute(host, `${at}/numa_node`)),
    headerType: parseHeaderType(header),
    isSilent: isSilentHeader(header),
    isBootVga: (await attribute(host, `${at}/boot_vga`)) === '1',
    isVirtualFunction: await host.exists(`${at}/physfn`),
    virtualFunctions: parseNumber(await attribute(host, `${at}/sriov_numvfs`)) ?? 0,
    resetMethods: await readResetMethods(host, at),
    bars: parseBars(await attribute(host, `${at}/resource`)),
  };
}

/** Kernels before 5.15 say only whether there is a way. */
async function readResetMethods(host: HostReader, at: string): Promise<readonly string[]> {
  const methods = (await attribute(host, `${at}/reset_method`)).split(/\s+/).filter(Boolean);
  if (methods.length > 0 || (await host.exists(`${at}/reset_method`))) return methods;
  return (await host.exists(`${at}/reset`)) ? ['default'] : [];
}
