import { parseCpuList } from '../core/facts/cpu-list.ts';
import {
  type Facts,
  type ImageFacts,
  type InterfaceFacts,
  type NetworkFacts,
  OWN_ALIAS,
  programDirs,
  programs,
} from '../core/facts/facts.ts';
import { IMAGE_HEAD_BYTES, imageFormat } from '../core/facts/image-format.ts';
import { parseDistribution } from '../core/facts/kernel-release.ts';
import { parseMemoryBytes } from '../core/facts/meminfo.ts';
import { parseMounts } from '../core/facts/mounts.ts';
import { parseRoutes } from '../core/facts/routes.ts';
import { parseSystemdVersion } from '../core/facts/systemd-version.ts';
import { payloadFiles } from '../core/kinds/runtime-vm/view-model.ts';
import type { Desired } from '../core/resolve/desired.ts';
import { runtimePaths } from '../core/resolve/layout.ts';
import type { HostReader } from './host.ts';
import { readHiveKey } from './read-hive-key.ts';
import { readNuma } from './read-numa.ts';
import { readPci } from './read-pci.ts';
import { readText, readThroughLinks } from './read-text.ts';
import { unreadableFor } from './readable.ts';

/** Everything that placement and preflight ask of a host. */
export async function readFacts(host: HostReader, desired: Desired): Promise<Facts> {
  // Programs answer while the files are read.
  const [{ stdout }, cloudHypervisor, facts] = await Promise.all([
    host.query(['systemctl', '--version']),
    readVersion(host),
    readFiles(host, desired),
  ]);
  return { ...facts, cloudHypervisor, systemdVersion: parseSystemdVersion(stdout) };
}

async function readFiles(
  host: HostReader,
  desired: Desired,
): Promise<Omit<Facts, 'cloudHypervisor' | 'systemdVersion'>> {
  const gpus = desired.runtimes.flatMap((runtime) => runtime.gpus);
  const wanted = [...gpus, ...desired.vfio.allowGroupMembers];
  const owners = await diskOwners(host, desired);
  const images = neededImages(desired, owners);
  const inputs = [...new Set(desired.runtimes.flatMap(({ payload }) => payloadFiles(payload)))];
  return {
    memoryBytes: parseMemoryBytes(await readText(host, '/proc/meminfo')),
    onlineCpus: await readOnlineCpus(host),
    pci: gpus.length === 0 ? undefined : await readPci(host, wanted),
    numa: await readNuma(host),
    systemd: await host.exists('/run/systemd/system'),
    distribution: parseDistribution(await readThroughLinks(host, '/etc/os-release')),
    ownProgram: await isInstalled(host, 'vllmd'),
    missing: await missing(host, [...inputs, ...images], desired),
    unreadable: await unreadableFor(host, desired.account, [...inputs, ...images]),
    homeExists: await host.exists(desired.account.home),
    hasKvmGroup: /^kvm:/m.test(await readText(host, '/etc/group')),
    diskOwners: owners,
    images: await readImages(host, images),
    stateDirFreeBytes: await freeBytes(host, desired.stateDir),
    mounts: parseMounts(await readText(host, '/proc/self/mountinfo')),
    network: {
      interfaces: await readInterfaces(host, [desired.network.bridge, desired.network.uplink]),
      routes: await readRoutes(host),
    },
    hiveKey: await readHiveKey(host, desired),
  };
}

export async function readOnlineCpus(host: HostReader): Promise<readonly number[] | undefined> {
  const text = await readText(host, '/sys/devices/system/cpu/online');
  return text === '' ? undefined : parseCpuList(text);
}

/** Not asked where it is not installed: a program of this name elsewhere on the PATH would be a stranger's. */
export async function readVersion(host: HostReader): Promise<string | undefined> {
  if (!(await isInstalled(host, 'cloud-hypervisor'))) return undefined;
  const { exitCode, stdout } = await host.query(['cloud-hypervisor', '--version']);
  return exitCode === 0 ? stdout : '';
}

/** Whose the disks are that are already there, by path. */
async function diskOwners(
  host: HostReader,
  desired: Desired,
): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  for (const { index } of desired.runtimes) {
    const path = diskOf(desired, index);
    const stat = await host.stat(path);
    if (stat !== undefined) owners.set(path, stat.uid);
  }
  return owners;
}

async function missing(
  host: HostReader,
  files: readonly string[],
  { network }: Desired,
): Promise<readonly string[]> {
  const found: string[] = [];
  const forNetwork = new Set<string>(['ip', 'nft']);
  for (const program of programs) {
    if (network.mode === 'none' && forNetwork.has(program)) continue;
    if (!(await isInstalled(host, program))) found.push(program);
  }
  const devices = ['/dev/kvm', ...(network.mode === 'none' ? [] : ['/dev/net/tun'])];
  for (const path of [...devices, ...files]) {
    if (!(await host.exists(path))) found.push(path);
  }
  return found;
}

/** Where systemd would find it. */
export async function isInstalled(host: HostReader, program: string): Promise<boolean> {
  for (const directory of programDirs) {
    if (await host.exists(`${directory}/${program}`)) return true;
  }
  return false;
}

/** A base image is needed only for as long as a runtime has no disk of its own. */
function neededImages(desired: Desired, owners: ReadonlyMap<string, number>): readonly string[] {
  const withoutDisk = desired.runtimes.filter(({ index }) => !owners.has(diskOf(desired, index)));
  return [...new Set(withoutDisk.map(({ baseImage }) => baseImage))];
}

function diskOf(desired: Desired, index: number): string {
  return `${runtimePaths(desired, index).dir}/disk.raw`;
}

async function readImages(
  host: HostReader,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ImageFacts>> {
  const images = new Map<string, ImageFacts>();
  for (const path of paths) {
    const stat = await host.stat(path);
    const head = await host.readBytes(path, IMAGE_HEAD_BYTES);
    if (stat === undefined || head === undefined) continue;
    const { sizeBytes, allocatedBytes } = stat;
    images.set(path, { sizeBytes, allocatedBytes, format: imageFormat(head) });
  }
  return images;
}

/** Of the nearest directory above that is already there. */
async function freeBytes(host: HostReader, path: string): Promise<number | undefined> {
  if (path === '' || (await host.exists(path))) return host.freeBytes(path === '' ? '/' : path);
  return freeBytes(host, path.slice(0, path.lastIndexOf('/')));
}

/** A bridge that vllmd has made is no other network, under whatever name it was made. */
export async function readRoutes(host: HostReader): Promise<NetworkFacts['routes']> {
  const routes: NetworkFacts['routes'][number][] = [];
  for (const route of parseRoutes(await readText(host, '/proc/net/route'))) {
    const alias = await readText(host, `/sys/class/net/${route.device}/ifalias`);
    if (alias.trim() !== OWN_ALIAS) routes.push(route);
  }
  return routes;
}

export async function readInterfaces(
  host: HostReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, InterfaceFacts>> {
  const interfaces = new Map<string, InterfaceFacts>();
  for (const name of names.filter((text) => text !== '')) {
    const path = `/sys/class/net/${name}`;
    if (!(await host.exists(path))) continue;
    interfaces.set(name, {
      isBridge: await host.exists(`${path}/bridge`),
      alias: (await readText(host, `${path}/ifalias`)).trim(),
    });
  }
  return interfaces;
}
