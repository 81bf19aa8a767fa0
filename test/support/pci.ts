import type { Entry } from '../../src/core/plan/observed.ts';

/** What host.json says about PCI devices. What is left out is as on a machine that is ready for VFIO. */
export type PciHostDescription = {
  readonly pci?: readonly PciDescription[];
  readonly iommu?: boolean;
  readonly interruptRemapping?: boolean;
  readonly vfioPci?: boolean;
  readonly cpuVendor?: 'intel' | 'amd' | 'other';
  readonly kernelCommandLine?: string;
  /** Of /proc/cpuinfo. */
  readonly cpuFlags?: string;
};

export type PciDescription = {
  readonly address: string;
  /** `10de:2330` */
  readonly id: string;
  /** Vendor and device of the board. */
  readonly subsystem?: string;
  /** Six hex digits. */
  readonly class: string;
  readonly driver?: string;
  readonly driverOverride?: string;
  readonly group?: number;
  readonly numaNode?: number;
  /** 1 for a bridge. */
  readonly header?: number;
  /** Of a bridge, in hex as in addresses: the bus behind it and the last one that can be reached, `01-05`. */
  readonly buses?: string;
  /** Of a bridge: its ACS is off, or it has none. */
  readonly acs?: 'off' | 'none';
  /** Of a bridge: it is the upper port of a switch, which needs no ACS. */
  readonly isUpstream?: boolean;
  /** How many interrupts MSI-X has; 0: neither it nor MSI. */
  readonly vectors?: number;
  /** It has fallen off the bus: all of its configuration space is ff. */
  readonly isSilent?: boolean;
  readonly bootVga?: boolean;
  /** Address of the physical function. */
  readonly physfn?: string;
  readonly numvfs?: number;
  /** As in `reset_method`; '' for a device without any. */
  readonly reset?: string;
  /** Sizes of the memory BARs, `16M` or `128G`. */
  readonly bars?: readonly string[];
  readonly net?: readonly { readonly name: string; readonly up: boolean }[];
  /** Disks and partitions behind it: `nvme0n1p2` on `/`, or on `swap`. */
  readonly mounts?: readonly { readonly name: string; readonly on: string }[];
  readonly holders?: readonly {
    readonly pid: number;
    readonly name: string;
    readonly node: string;
  }[];
};

type Files = Map<string, Entry>;

/** The tree of sysfs and procfs that such a host shows, directories included. */
export function pciEntries(description: PciHostDescription): readonly (readonly [string, Entry])[] {
  const files: Files = new Map();
  const devices = description.pci ?? [];
  addHostWide(files, description);
  for (const device of devices) {
    addDevice(files, device, description.iommu !== false);
    addInterfaces(files, device);
    addNodes(files, device);
  }
  addDisks(files, devices);
  addProcesses(files, devices);
  return [...directoriesOf(files), ...files];
}

/** What `config` holds of bridges, GPUs and their sound: bytes above 0x7f would not survive as text. */
export function pciBytes({ pci = [] }: PciHostDescription): ReadonlyMap<string, Uint8Array> {
  return new Map(
    pci.flatMap((device) => {
      const isBridge = device.buses !== undefined;
      if (!isBridge && !/^(?:03|04|12|0680)/.test(device.class)) return [];
      const config = isBridge ? bridgeConfig(device) : endpointConfig(device);
      return [[`/sys/bus/pci/devices/${device.address}/config`, config] as const];
    }),
  );
}

function bridgeConfig({ address, buses = '', acs, isUpstream }: PciDescription): Uint8Array {
  const config = new Uint8Array(512);
  const [secondary = 0, subordinate = 0] = buses.split('-').map((bus) => Number(`0x${bus}`));
  config.set([1], 14);
  config.set([Number(`0x${address.split(':')[1]}`), secondary, subordinate], 0x18);
  config.set([0x10], 6);
  config.set([0x40], 0x34);
  config.set([0x10, 0, isUpstream === true ? 0x52 : 0x62, 0], 0x40);
  if (acs !== 'none') config.set([0x0d, 0, 1, 0, 0x5f, 0, acs === 'off' ? 0 : 0x1d], 0x100);
  return config;
}

/** MSI-X is the only capability; its table size is one less than the vectors that it has. */
function endpointConfig({ header = 0, vectors = 6, isSilent }: PciDescription): Uint8Array {
  const config = new Uint8Array(512);
  if (isSilent === true) return config.fill(0xff);
  config.set([header], 14);
  if (vectors === 0) return config;
  config.set([0x10], 6);
  config.set([0x40], 0x34);
  config.set([0x11, 0, vectors - 1, 0x80], 0x40);
  return config;
}

function addHostWide(files: Files, description: PciHostDescription): void {
  const { cpuVendor = 'intel', kernelCommandLine = '' } = description;
  const { cpuFlags = cpuVendor === 'amd' ? 'svm pdpe1gb' : 'vmx pdpe1gb' } = description;
  const vendors = { intel: 'GenuineIntel', amd: 'AuthenticAMD', other: '0x41' };
  const prefix = description.interruptRemapping === false ? '' : 'IR-';
  addDirectory(files, '/sys/bus/pci/devices');
  addDirectory(files, '/sys/kernel/iommu_groups');
  if (description.vfioPci !== false) addDirectory(files, '/sys/bus/pci/drivers/vfio-pci');
  addFile(
    files,
    '/proc/cpuinfo',
    `processor\t: 0\nvendor_id\t: ${vendors[cpuVendor]}\nflags\t\t: ${cpuFlags}\n`,
  );
  addFile(files, '/proc/cmdline', `BOOT_IMAGE=/vmlinuz ro ${kernelCommandLine}`.trimEnd());
  addFile(files, '/proc/interrupts', interruptsText(prefix));
}

function interruptsText(prefix: string): string {
  return [
    '            CPU0       CPU1',
    `   8:          0          0  ${prefix}IO-APIC    8-edge      rtc0`,
    `  24:          0          0  ${prefix}PCI-MSIX-0000:00:1c.0   0-edge      nvme0q0`,
    '',
  ].join('\n');
}

function addDevice(files: Files, device: PciDescription, hasIommu: boolean): void {
  const at = `/sys/bus/pci/devices/${device.address}`;
  const { driver, group, physfn } = device;
  addIdentity(files, at, device);
  addAttributes(files, at, device);
  if (physfn !== undefined) addLink(files, `${at}/physfn`, `../${physfn}`);
  if (driver !== undefined) addLink(files, `${at}/driver`, `../../../../bus/pci/drivers/${driver}`);
  if (group === undefined || !hasIommu) return;
  addLink(files, `${at}/iommu_group`, `../../../../kernel/iommu_groups/${group}`);
  addDirectory(files, `/sys/kernel/iommu_groups/${group}/devices`);
}

function addIdentity(files: Files, at: string, device: PciDescription): void {
  const [vendor, model] = device.id.split(':');
  const [boardVendor, board] = (device.subsystem ?? device.id).split(':');
  addFile(files, `${at}/vendor`, `0x${vendor}`);
  addFile(files, `${at}/device`, `0x${model}`);
  addFile(files, `${at}/subsystem_vendor`, `0x${boardVendor}`);
  addFile(files, `${at}/subsystem_device`, `0x${board}`);
  addFile(files, `${at}/class`, `0x${device.class}`);
}

function addAttributes(files: Files, at: string, device: PciDescription): void {
  const { header = device.buses === undefined ? 0 : 1, numvfs } = device;
  const reset = device.reset ?? (header === 0 ? 'flr bus' : '');
  addFile(files, `${at}/numa_node`, String(device.numaNode ?? -1));
  addFile(files, `${at}/driver_override`, device.driverOverride ?? '(null)');
  addFile(files, `${at}/resource`, resourceText(device.bars ?? []));
  // The other bytes are not read; those above 0x7f would not survive as text.
  addFile(files, `${at}/config`, `${'\0'.repeat(14)}${String.fromCharCode(header)}`, '');
  if (reset !== '') addFile(files, `${at}/reset_method`, reset);
  if (device.class.startsWith('0300')) {
    addFile(files, `${at}/boot_vga`, device.bootVga === true ? '1' : '0');
  }
  if (numvfs !== undefined) addFile(files, `${at}/sriov_numvfs`, String(numvfs));
}

/** Six BARs, the ROM and the windows of a bridge; 64-bit BARs take two lines. */
function resourceText(bars: readonly string[]): string {
  const none = `0x${'0'.repeat(16)} 0x${'0'.repeat(16)} 0x${'0'.repeat(16)}`;
  const lines = bars.flatMap((size, position) => {
    const start = 0x38_0000_0000_00n + (BigInt(position) << 42n);
    const words = [start, start + bytesOf(size) - 1n, 0x14220cn];
    return [words.map((word) => `0x${word.toString(16).padStart(16, '0')}`).join(' '), none];
  });
  return [...lines, ...Array.from({ length: 13 }, () => none)].slice(0, 13).join('\n');
}

function bytesOf(size: string): bigint {
  const shifts: Readonly<Record<string, bigint>> = { K: 10n, M: 20n, G: 30n };
  return BigInt(size.slice(0, -1)) << (shifts[size.slice(-1)] ?? 0n);
}

function addInterfaces(files: Files, { address, net = [] }: PciDescription): void {
  for (const { name, up } of net) {
    const at = `/sys/bus/pci/devices/${address}/net/${name}`;
    addFile(files, `${at}/operstate`, up ? 'up' : 'down');
    addFile(files, `${at}/flags`, up ? '0x1003' : '0x1002');
  }
}

/** What the drivers show of the nodes in /dev. */
function addNodes(files: Files, { address, holders = [] }: PciDescription): void {
  for (const { node } of holders) {
    const minor = /^\/dev\/nvidia(\d+)$/.exec(node)?.[1];
    const drm = /^\/dev\/dri\/(.+)$/.exec(node)?.[1];
    const rdma = /^\/dev\/infiniband\/(.+)$/.exec(node)?.[1];
    const cdev = /^\/dev\/vfio\/devices\/(.+)$/.exec(node)?.[1];
    const at = `/sys/bus/pci/devices/${address}`;
    if (minor !== undefined) {
      const text = `Model: \t\t GPU\nBus Location: \t ${address}\nDevice Minor: \t ${minor}`;
      addFile(files, `/proc/driver/nvidia/gpus/${address}/information`, text);
    }
    if (drm !== undefined) addFile(files, `${at}/drm/${drm}/dev`, '226:0');
    if (rdma !== undefined) addFile(files, `${at}/infiniband_verbs/${rdma}/dev`, '231:192');
    if (cdev !== undefined) addFile(files, `${at}/vfio-dev/${cdev}/dev`, '511:0');
    if (node.startsWith('/dev/nvidia-nvswitch')) {
      files.set(node, { type: 'other', what: 'device, socket or pipe' });
    }
  }
}

function addDisks(files: Files, devices: readonly PciDescription[]): void {
  const mounted: string[] = [];
  const swaps = ['Filename\tType\tSize\tUsed\tPriority'];
  let minor = 0;
  for (const { address, mounts = [] } of devices) {
    for (const { name, on } of mounts) {
      minor += 1;
      addBlock(files, `/sys/bus/pci/devices/${address}`, name, `259:${minor}`);
      if (on === 'swap') swaps.push(`/dev/${name} partition 8388604 0 -2`);
      else mounted.push(`${minor + 20} 1 259:${minor} / ${on} rw shared:1 - ext4 /dev/${name} rw`);
    }
  }
  addFile(files, '/proc/self/mountinfo', mounted.join('\n'));
  addFile(files, '/proc/swaps', swaps.join('\n'));
}

function addBlock(files: Files, at: string, name: string, number: string): void {
  const disk = /^(nvme\d+n\d+|[a-z]+)/.exec(name)?.[1] ?? name;
  const controller = /^nvme\d+/.exec(name)?.[0];
  const behind =
    controller === undefined
      ? `${at}/ata1/host0/target0:0:0/0:0:0:0/block/${disk}`
      : `${at}/nvme/${controller}/${disk}`;
  addDirectory(files, behind);
  addDirectory(files, `/sys/class/block/${disk}/holders`);
  addFile(files, `/sys/class/block/${name}/dev`, number);
  if (name !== disk) addFile(files, `/sys/class/block/${disk}/${name}/dev`, number);
}

function addProcesses(files: Files, devices: readonly PciDescription[]): void {
  const holders = devices.flatMap((device) => device.holders ?? []);
  holders.forEach(({ pid, name, node }, position) => {
    addFile(files, `/proc/${pid}/comm`, name.slice(0, 15));
    addLink(files, `/proc/${pid}/fd/${position + 3}`, node);
  });
}

function addFile(files: Files, path: string, text: string, end = '\n'): void {
  files.set(path, { type: 'file', mode: 0o444, uid: 0, gid: 0, text: text + end });
}

function addLink(files: Files, path: string, target: string): void {
  files.set(path, { type: 'link', target, trusted: true });
}

function addDirectory(files: Files, path: string): void {
  files.set(path, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
}

function directoriesOf(files: Files): Files {
  const directories: Files = new Map();
  for (const path of files.keys()) {
    const parts = path.split('/').slice(1, -1);
    parts.forEach((_, position) => {
      addDirectory(directories, `/${parts.slice(0, position + 1).join('/')}`);
    });
  }
  return directories;
}
