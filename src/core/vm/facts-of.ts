import { canonicalPciAddress } from '../config/pci-address.ts';
import { type Part, part, parts } from './make-rule.ts';
import type { DeviceConfig, DiskConfig, MemoryZoneConfig, VmConfig } from './vm-config.gen.ts';

/** What every PCI device of a VM can say. */
export type PciCommon = Pick<DiskConfig, 'id' | 'iommu' | 'pci_segment' | 'pci_device_id'>;

/** RAM in one kind of hugepages. */
export type HugepageUse = {
  readonly at: string;
  readonly pageBytes: number;
  readonly pages: number;
  readonly numaNode: number | undefined;
};

const DEFAULT_RAM_BYTES = 512 * 2 ** 20;

const DEVICE_LISTS = [
  'disks',
  'net',
  'fs',
  'generic_vhost_user',
  'pmem',
  'user_devices',
  'vdpa',
  'devices',
] as const;

const SINGLE_DEVICES = ['rng', 'rtc', 'console', 'balloon', 'vsock', 'ivshmem'] as const;

export function bootVcpus(vm: VmConfig): number {
  return vm.cpus?.boot_vcpus ?? 1;
}

export function maxVcpus(vm: VmConfig): number {
  return vm.cpus?.max_vcpus ?? 1;
}

export function segmentCount(vm: VmConfig): number {
  return vm.platform?.num_pci_segments ?? 1;
}

export function zones(vm: VmConfig): readonly Part<MemoryZoneConfig>[] {
  return parts('/memory/zones', vm.memory?.zones);
}

/** RAM at boot. */
export function ramBytes(vm: VmConfig): number {
  const own = vm.memory === undefined ? DEFAULT_RAM_BYTES : bootBytes(vm.memory);
  return zones(vm).reduce((sum, { value }) => sum + bootBytes(value), own);
}

function bootBytes(memory: { readonly size: number; readonly hotplugged_size?: number }): number {
  return memory.size + (memory.hotplugged_size ?? 0);
}

/** Another process can map the RAM: what vhost-user and vfio-user need. */
export function isMemoryShared({ memory }: VmConfig): boolean {
  if (memory === undefined) return false;
  if (memory.shared || memory.hugepages) return true;
  return memory.size === 0 && (memory.zones ?? []).every((zone) => zone.shared || zone.hugepages);
}

/** Some device is served by another process. */
export function usesOtherProcess(vm: VmConfig): boolean {
  const lists = [vm.fs, vm.generic_vhost_user, vm.user_devices];
  if (lists.some((list) => list !== undefined && list.length > 0)) return true;
  return [...(vm.disks ?? []), ...(vm.net ?? [])].some(({ vhost_user }) => vhost_user);
}

/** What is known of the RAM in hugepages; none where the size of a page is not said. */
export function hugepageUses(vm: VmConfig): readonly HugepageUse[] {
  const whole = part('/memory', vm.memory).map(({ at, value }) => ({ at, value, node: undefined }));
  const single = zones(vm).map(({ at, value }) => ({ at, value, node: value.host_numa_node }));
  return [...whole, ...single].flatMap(({ at, value, node }) => {
    const pageBytes = value.hugepage_size;
    if (!value.hugepages || pageBytes === undefined || pageBytes === 0) return [];
    const pages = Math.ceil(bootBytes(value) / pageBytes);
    return [{ at, pageBytes, pages, numaNode: node }];
  });
}

/** Every PCI device that the definition names. */
export function pciDevices(vm: VmConfig): readonly Part<PciCommon>[] {
  const lists = DEVICE_LISTS.flatMap((key) => parts<PciCommon>(`/${key}`, vm[key]));
  return [...lists, ...SINGLE_DEVICES.flatMap((key) => part<PciCommon>(`/${key}`, vm[key]))];
}

/** Everything with an id. */
export function identified(vm: VmConfig): readonly Part<{ readonly id?: string }>[] {
  return [...parts('/rate_limit_groups', vm.rate_limit_groups), ...pciDevices(vm), ...zones(vm)];
}

/** The VFIO devices whose path ends in a PCI address, however it is spelled. */
export function vfioDevices(vm: VmConfig): readonly (Part<DeviceConfig> & { address: string })[] {
  return parts('/devices', vm.devices).flatMap(({ at, value }) => {
    const address = canonicalPciAddress(lastName(value.path ?? ''));
    return address === undefined ? [] : [{ at, value, address }];
  });
}

export function hasVfio(vm: VmConfig): boolean {
  return vm.devices !== undefined && vm.devices.length > 0;
}

export function isPeerToPeer(vm: VmConfig): boolean {
  return vm.platform?.vfio_p2p_dma !== false;
}

/** Bits of a physical address that the guest sees at most. */
export function maxPhysBits(vm: VmConfig): number {
  return vm.cpus?.max_phys_bits ?? 46;
}

export function isPowerOf2(value: number): boolean {
  const bits = BigInt(value);
  return bits > 0n && (bits & (bits - 1n)) === 0n;
}

/** The last part of a path, slashes at its end left aside. */
export function lastName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}
