import type { DeviceHolder, PciDevice } from '../core/facts/pci.ts';
import { mappedFiles } from '../core/facts/proc-maps.ts';
import type { HostReader } from './host.ts';
import { attribute, linkTarget, names } from './read-pci-attribute.ts';

const NVIDIA = '/proc/driver/nvidia/gpus';

/** Processes that have a device node of one of these devices open or mapped, by address. Root sees those of all accounts. */
export async function readHolders(
  host: HostReader,
  devices: readonly PciDevice[],
): Promise<ReadonlyMap<string, readonly DeviceHolder[]>> {
  const nodes = new Map<string, readonly string[]>();
  for (const device of devices) nodes.set(device.address, await nodesOf(host, device));
  const open = await readAllOpen(host, new Set([...nodes.values()].flat()));
  return new Map(
    [...nodes].map(([address, own]) => [address, open.filter(({ path }) => own.includes(path))]),
  );
}

async function readAllOpen(
  host: HostReader,
  nodes: ReadonlySet<string>,
): Promise<readonly DeviceHolder[]> {
  // A host has a hundred thousand open files: none is looked at where no node is sought.
  if (nodes.size === 0) return [];
  const holders: DeviceHolder[] = [];
  for (const name of await names(host, '/proc')) {
    if (/^\d+$/.test(name)) holders.push(...(await readOpen(host, Number(name), nodes)));
  }
  return holders.sort((a, b) => a.pid - b.pid);
}

async function readOpen(
  host: HostReader,
  pid: number,
  nodes: ReadonlySet<string>,
): Promise<readonly DeviceHolder[]> {
  const open = new Set<string>();
  for (const fd of await names(host, `/proc/${pid}/fd`)) {
    const path = await linkTarget(host, `/proc/${pid}/fd/${fd}`);
    if (path !== undefined && nodes.has(path)) open.add(path);
  }
  // A mapping stays when the file has been closed.
  for (const path of mappedFiles(await attribute(host, `/proc/${pid}/maps`))) {
    if (nodes.has(path)) open.add(path);
  }
  if (open.size === 0) return [];
  const name = await attribute(host, `/proc/${pid}/comm`);
  return [...open].sort().map((path) => ({ pid, name, path }));
}

async function nodesOf(host: HostReader, device: PciDevice): Promise<readonly string[]> {
  const at = `/sys/bus/pci/devices/${device.address}`;
  const drm = (await names(host, `${at}/drm`)).filter((name) => /^(?:card|renderD)\d+$/.test(name));
  const rdma = await names(host, `${at}/infiniband_verbs`);
  const vfio = await names(host, `${at}/vfio-dev`);
  return [
    ...drm.map((name) => `/dev/dri/${name}`),
    ...rdma.map((name) => `/dev/infiniband/${name}`),
    ...vfio.map((name) => `/dev/vfio/devices/${name}`),
    ...(device.iommuGroup === undefined ? [] : [`/dev/vfio/${device.iommuGroup}`]),
    ...(await driverNodes(host, device)),
  ];
}

async function driverNodes(host: HostReader, device: PciDevice): Promise<readonly string[]> {
  if (device.driver === 'amdgpu') return ['/dev/kfd'];
  if (device.driver === 'nvidia') {
    const text = await attribute(host, `${NVIDIA}/${device.address}/information`);
    const minor = /^Device Minor:\s*(\d+)\s*$/m.exec(text)?.[1];
    return minor === undefined ? [] : [`/dev/nvidia${minor}`];
  }
  if (device.driver !== 'nvidia-nvswitch') return [];
  // Nothing says which of them is which: whoever has one open has all.
  const nodes = (await names(host, '/dev')).filter((name) => /^nvidia-nvswitch\d+$/.test(name));
  return nodes.map((name) => `/dev/${name}`);
}
