import type { Placement, Zone } from '../../placement/place.ts';
import type { Desired, DesiredPayload, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths } from '../../resolve/layout.ts';
import { type ChVersion, isOlder, RECOMMENDED, versionOf } from '../../vm/version.ts';
import type {
  CpusConfig,
  DeviceConfig,
  MemoryConfig,
  MemoryZoneConfig,
  NumaConfig,
  PayloadConfig,
  VmConfig,
} from '../../vm/vm-config.gen.ts';
import { affinityOf } from './affinity.ts';

/** What cloud-hypervisor takes for `max_phys_bits` by itself. */
const DEFAULT_ADDRESS_BITS = 46;

export type VmConfigOptions = {
  readonly placement: Placement;
  /** Of the host; what newer ones bring is left out. undefined: not known, taken as the recommended one. */
  readonly version: ChVersion | undefined;
  /** Width of the addresses that the host's IOMMU translates; undefined: not known, taken as enough. */
  readonly addressBits: number | undefined;
};

/** The body of cloud-hypervisor's `PUT /api/v1/vm.create`. Sizes are bytes. */
export function vmConfig(
  desired: Desired,
  runtime: DesiredRuntime,
  { placement, version = RECOMMENDED, addressBits }: VmConfigOptions,
): VmConfig {
  const paths = runtimePaths(desired, runtime.index);
  const { zones } = placement;
  return {
    cpus: { ...cpusOf(runtime, zones), ...narrowed(runtime, addressBits) },
    memory: memoryOf(desired, runtime, { zones, version }),
    payload: payloadOf(runtime.payload),
    disks: [
      { id: 'root', path: `${paths.dir}/disk.raw`, image_type: 'Raw' },
      { id: 'seed', path: `${paths.dir}/seed.img`, image_type: 'Raw', readonly: true },
    ],
    ...(runtime.tap === '' ? {} : { net: [netOf(runtime)] }),
    ...(runtime.gpus.length === 0 ? {} : { devices: devicesOf(runtime) }),
    ...(zones.length < 2 ? {} : { numa: zones.map(numaOf) }),
    // Names of all versions; newer ones call them system_serial_number and system_uuid.
    platform: { serial_number: `vllmd-${runtime.index}`, uuid: runtime.uuid },
    rng: { src: '/dev/urandom' },
    watchdog: true,
    // The guest's console goes to the journal of its unit.
    serial: { mode: 'Tty' },
    // cloud-hypervisor's own default is a second Tty.
    console: { mode: 'Off' },
  };
}

/** As a file: lists of numbers take one line each, since cloud-hypervisor takes 51200 bytes at most. */
export function vmConfigText(config: VmConfig): string {
  const text = JSON.stringify(config, undefined, 2);
  // Only between values does JSON have a line end: a string may hold a list that is left as it is.
  const lists = /\[\n +(\d+(?:,\n +\d+)*)\n +\]/g;
  return `${text.replace(lists, (_, list: string) => `[${list.replace(/\n +/g, ' ')}]`)}\n`;
}

function cpusOf({ cpus }: DesiredRuntime, zones: readonly Zone[]): CpusConfig {
  // Without a topology the guest sees as many sockets as CPUs.
  const packages = zones.length > 1 && cpus % zones.length === 0 ? zones.length : 1;
  const affinity = affinityOf(zones, cpus);
  return {
    boot_vcpus: cpus,
    max_vcpus: cpus,
    topology: {
      threads_per_core: 1,
      cores_per_die: cpus / packages,
      dies_per_package: 1,
      packages,
    },
    ...(affinity.length === 0 ? {} : { affinity }),
  };
}

/** BARs that lie beyond what the IOMMU translates cannot be mapped: client platforms have 39 bits. */
function narrowed(
  { gpus }: DesiredRuntime,
  addressBits = DEFAULT_ADDRESS_BITS,
): Pick<CpusConfig, 'max_phys_bits'> {
  const isNarrow = gpus.length > 0 && addressBits < DEFAULT_ADDRESS_BITS;
  return isNarrow ? { max_phys_bits: addressBits } : {};
}

type MemoryOptions = { readonly zones: readonly Zone[]; readonly version: ChVersion };

function memoryOf(
  desired: Desired,
  runtime: DesiredRuntime,
  { zones, version }: MemoryOptions,
): MemoryConfig {
  const kept = keepingOf(desired, version);
  if (zones.length === 0) return { size: runtime.memoryGib * 2 ** 30, ...kept };
  return {
    size: 0,
    zones: zones.map(({ node, memoryBytes }, at) => ({
      id: zoneId(at),
      size: memoryBytes,
      host_numa_node: node,
      ...kept,
    })),
  };
}

/** How the host keeps the memory: the same for all of it, or for each zone. */
function keepingOf(
  { memory }: Desired,
  version: ChVersion,
): Partial<Pick<MemoryZoneConfig, 'shared' | 'hugepages' | 'prefault' | 'reserve'>> {
  const { hugepageBytes, shared, prefault } = memory;
  const isHuge = hugepageBytes > 0;
  // Hugepages that are missing show at the start, and not as a guest that dies when it uses them.
  const reserves = isHuge && !isOlder(version, versionOf('53'));
  return {
    ...(shared || isHuge ? { shared: true } : {}),
    ...(isHuge ? { hugepages: true, hugepage_size: hugepageBytes } : {}),
    ...(reserves ? { reserve: true } : {}),
    ...(prefault || (isHuge && !reserves) ? { prefault: true } : {}),
  };
}

function numaOf({ vcpus }: Zone, at: number): NumaConfig {
  return { guest_numa_id: at, cpus: vcpus, memory_zones: [zoneId(at)] };
}

function zoneId(at: number): string {
  return `node${at}`;
}

function payloadOf(payload: DesiredPayload): PayloadConfig {
  if (payload.type === 'firmware') return { firmware: payload.firmware };
  const { kernel, initramfs, commandLine } = payload;
  return { kernel, cmdline: commandLine, ...(initramfs === '' ? {} : { initramfs }) };
}

function netOf({ tap, mac, networkQueues }: DesiredRuntime) {
  return { id: 'net0', tap, mac, num_queues: networkQueues };
}

/** The id of a device is made of its address, so that it stays when another one goes. */
function devicesOf({ gpus, gpuP2p }: DesiredRuntime): readonly DeviceConfig[] {
  return gpus.map((address) => ({
    id: `gpu-${address}`,
    path: `/sys/bus/pci/devices/${address}`,
    ...(gpuP2p ? { x_nv_gpudirect_clique: 0 } : {}),
  }));
}
