import { parseCpuList } from '../core/facts/cpu-list.ts';
import { parseCpuFlags, parseCpuModel } from '../core/facts/cpuinfo.ts';
import type { KvmFacts, MachineFacts } from '../core/facts/machine.ts';
import { parseAvailableBytes } from '../core/facts/meminfo.ts';
import type { PciDevice, PciFacts } from '../core/facts/pci.ts';
import { type PciPort, parsePort } from '../core/facts/pci-capabilities.ts';
import { isBridge } from '../core/facts/pci-driver.ts';
import { parseSystemdLimits } from '../core/facts/process-limits.ts';
import { isGpuLike } from '../core/preflight/vfio/gpu-class.ts';
import type { HostReader } from './host.ts';
import { isInstalled } from './read-facts.ts';
import { readPci } from './read-pci.ts';
import { attribute, bytes, names } from './read-pci-attribute.ts';
import { readText } from './read-text.ts';

/** What a precheck asks of a host, whatever the config says. */
export async function readMachine(host: HostReader): Promise<MachineFacts> {
  const cpuinfo = await readText(host, '/proc/cpuinfo');
  const pci = await readPci(host, []);
  return {
    cpuModel: parseCpuModel(cpuinfo),
    cpuFlags: parseCpuFlags(cpuinfo),
    kernelRelease: (await readText(host, '/proc/sys/kernel/osrelease')).trim(),
    kvm: await readKvm(host),
    vulnerabilities: await readVulnerabilities(host),
    hasThreads: flag(await attribute(host, '/sys/devices/system/cpu/smt/active')),
    isolatedCpus: await readIsolatedCpus(host),
    allowsUnsafeInterrupts:
      flag(
        await attribute(host, '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts'),
      ) === true,
    allowsNoIommu:
      flag(await attribute(host, '/sys/module/vfio/parameters/enable_unsafe_noiommu_mode')) ===
      true,
    pci,
    ports: await readPorts(host, [...pci.devices.values()].filter(isOnTheWay)),
    bootDisplays: await readBootDisplays(host, pci),
    chRemote: await readChRemote(host),
    availableBytes: parseAvailableBytes(await readText(host, '/proc/meminfo')),
    systemdLimits: parseSystemdLimits(
      await readText(host, '/proc/1/status'),
      await readText(host, '/proc/1/limits'),
    ),
  };
}

/** As for cloud-hypervisor, one that systemd would not start is a stranger's. */
async function readChRemote(host: HostReader): Promise<string | undefined> {
  if (!(await isInstalled(host, 'ch-remote'))) return undefined;
  const { exitCode, stdout } = await host.query(['ch-remote', '--version']);
  return exitCode === 0 ? stdout.trim() : undefined;
}

async function readKvm(host: HostReader): Promise<KvmFacts> {
  const node = await host.stat('/dev/kvm');
  const groupId = /^kvm:[^:]*:(\d+):/m.exec(await readText(host, '/etc/group'))?.[1];
  const modules = ['kvm_intel', 'kvm_amd'] as const;
  const nested = new Map<string, string>();
  let module: KvmFacts['module'];
  for (const name of modules) {
    if (!(await host.exists(`/sys/module/${name}`))) continue;
    module = name;
    nested.set(name, await attribute(host, `/sys/module/${name}/parameters/nested`));
  }
  return {
    node: node && { mode: node.mode, gid: node.gid },
    groupId: groupId === undefined ? undefined : Number(groupId),
    module,
    isNested: [...nested.values()].some((text) => flag(text) === true),
  };
}

async function readIsolatedCpus(host: HostReader): Promise<string> {
  const text = await attribute(host, '/sys/devices/system/cpu/isolated');
  return parseCpuList(text) === undefined ? '' : text;
}

/** Parameters of modules are `Y` or a number. */
function flag(text: string): boolean | undefined {
  if (text === '') return undefined;
  return text === 'Y' || text === '1';
}

const VULNERABILITIES = '/sys/devices/system/cpu/vulnerabilities';

async function readVulnerabilities(host: HostReader): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await names(host, VULNERABILITIES)) {
    found.set(name, await attribute(host, `${VULNERABILITIES}/${name}`));
  }
  return found;
}

/** All of the configuration space of a PCI Express device. */
const CONFIG_BYTES = 4096;

export async function readPorts(
  host: HostReader,
  devices: readonly PciDevice[],
): Promise<ReadonlyMap<string, PciPort>> {
  const ports = new Map<string, PciPort>();
  for (const { address } of devices) {
    const config = await bytes(host, `/sys/bus/pci/devices/${address}/config`, CONFIG_BYTES);
    if (config !== undefined) ports.set(address, parsePort(config));
  }
  return ports;
}

function isOnTheWay(device: PciDevice): boolean {
  return isGpuLike(device) || isBridge(device);
}

async function readBootDisplays(
  host: HostReader,
  { devices }: PciFacts,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { address } of [...devices.values()].filter(isGpuLike)) {
    const text = await attribute(host, `/sys/bus/pci/devices/${address}/boot_vga`);
    if (text === '1') found.add(address);
  }
  return found;
}
