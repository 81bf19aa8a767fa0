import type { PciDevice } from '../core/facts/pci.ts';
import { parseNumber } from '../core/facts/pci-attributes.ts';
import { type BlockUse, parseBlockUse } from '../core/facts/pci-mounts.ts';
import type { HostReader } from './host.ts';
import { attribute, names } from './read-pci-attribute.ts';

/** IFF_UP of netdevice(7). */
const UP_FLAG = 1;
/** Raid on LVM on encryption on a partition is four. */
const MAX_LAYERS = 8;
const MAX_DEPTH = 16;
const BLOCK = '/sys/class/block';

/** Directories on the way from a controller to its disks and interfaces; anything else may be a link to elsewhere. */
const INNER =
  /^(?:ata\d+|host\d+|session\d+|rport-.+|port-.+|expander-.+|end_device-.+|target[\d:]+|[\da-f]+:[\da-f]+:[\da-f]+:[\da-f]+|virtio\d+|nvme|nvme\d+|usb\d+|\d+-[\d.]+|\d+-[\d.]+:[\d.]+|mmc_host|mmc\d+|mmc\d+:[\da-f]+|pci[\da-f]+:[\da-f]+|[\da-f]+:[\da-f]+:[\da-f]+\.[0-7])$/;
const NVME_DISK = /^(nvme\d+)(?:c\d+)?(n\d+)$/;

export async function readBlockUse(host: HostReader): Promise<BlockUse> {
  return parseBlockUse(
    await attribute(host, '/proc/self/mountinfo'),
    await attribute(host, '/proc/swaps'),
  );
}

export type HostUse = {
  readonly blockUse: BlockUse;
  /** Interfaces that the default route leaves by. */
  readonly uplinks: ReadonlySet<string>;
};

/** What the host uses of a device at this sysfs path. */
export async function readInUse(
  host: HostReader,
  path: string,
  { blockUse, uplinks }: HostUse,
): Promise<Pick<PciDevice, 'inUse' | 'uplink'>> {
  const { interfaces, disks } = await readBehind(host, path, MAX_DEPTH);
  const found: string[] = [];
  for (const at of interfaces) {
    if (await isUp(host, at)) found.push(`network interface ${lastName(at)} is up`);
  }
  for (const disk of disks) found.push(...(await usesOfBlock(host, disk, blockUse, MAX_LAYERS)));
  return { inUse: found, uplink: interfaces.map(lastName).find((name) => uplinks.has(name)) };
}

type Behind = { readonly interfaces: readonly string[]; readonly disks: readonly string[] };

async function readBehind(host: HostReader, path: string, depth: number): Promise<Behind> {
  const interfaces: string[] = [];
  const disks: string[] = [];
  if (depth === 0) return { interfaces, disks };
  for (const name of await names(host, path)) {
    const at = `${path}/${name}`;
    const [, controller, namespace] = NVME_DISK.exec(name) ?? [];
    // With several paths to a disk the one that is used is named without its controller.
    if (controller !== undefined && namespace !== undefined) disks.push(controller + namespace);
    else if (name === 'block') disks.push(...(await names(host, at)));
    else if (name === 'net') {
      interfaces.push(...(await names(host, at)).map((child) => `${at}/${child}`));
    } else if (INNER.test(name)) {
      const inner = await readBehind(host, at, depth - 1);
      interfaces.push(...inner.interfaces);
      disks.push(...inner.disks);
    }
  }
  return { interfaces, disks };
}

async function isUp(host: HostReader, path: string): Promise<boolean> {
  if ((await attribute(host, `${path}/operstate`)) === 'up') return true;
  const flags = /^0x([\da-f]{1,8})$/.exec(await attribute(host, `${path}/flags`))?.[1] ?? '0';
  return (Number.parseInt(flags, 16) & UP_FLAG) !== 0;
}

/** Of a disk or partition, of what is on it and of what is made of it. */
async function usesOfBlock(
  host: HostReader,
  name: string,
  blockUse: BlockUse,
  layers: number,
): Promise<readonly string[]> {
  const at = `${BLOCK}/${name}`;
  const found = ownUse(await keysOf(host, name), name, blockUse);
  if (layers === 0) return found;
  for (const child of await names(host, at)) {
    const isPartition = child.startsWith(name) && parseNumber(child.at(-1) ?? '') !== undefined;
    if (isPartition) found.push(...(await usesOfBlock(host, child, blockUse, layers - 1)));
  }
  for (const user of await names(host, `${at}/holders`)) {
    const uses = await usesOfBlock(host, user, blockUse, layers - 1);
    found.push(
      ...(uses.length > 0
        ? uses.map((use) => `${use} (on ${name})`)
        : [`${name} is part of ${user}`]),
    );
  }
  return found;
}

/** What mountinfo and swaps may call it. */
async function keysOf(host: HostReader, name: string): Promise<readonly string[]> {
  const mapped = await attribute(host, `${BLOCK}/${name}/dm/name`);
  const number = await attribute(host, `${BLOCK}/${name}/dev`);
  return [number, `/dev/${name}`, ...(mapped === '' ? [] : [`/dev/mapper/${mapped}`])];
}

function ownUse(keys: readonly string[], name: string, { mounts, swaps }: BlockUse): string[] {
  const point = keys.map((key) => mounts.get(key)).find((found) => found !== undefined);
  return [
    ...(point === undefined ? [] : [`${name} is mounted on ${point}`]),
    ...(keys.some((key) => swaps.has(key)) ? [`${name} is swap space`] : []),
  ];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
