/** One PCI device, as sysfs has it. Documentation/ABI/testing/sysfs-bus-pci of the kernel. */
export type PciDevice = {
  /** In canonical form: `0000:01:00.0`. */
  readonly address: string;
  /** Four hex digits each. */
  readonly vendor: string;
  readonly device: string;
  readonly subsystemVendor: string;
  readonly subsystemDevice: string;
  /** Six hex digits: class, subclass and programming interface. */
  readonly classCode: string;
  /** Name of the driver that holds it. */
  readonly driver: string | undefined;
  readonly driverOverride: string | undefined;
  /** Number of its IOMMU group; undefined where no IOMMU is on. */
  readonly iommuGroup: string | undefined;
  /** undefined where the firmware does not say. */
  readonly numaNode: number | undefined;
  /** 0 is an endpoint, 1 a bridge; undefined where it could not be read. */
  readonly headerType: number | undefined;
  /** It has fallen off the bus: whatever is read of its configuration space is all ones. */
  readonly isSilent: boolean;
  /** The display that the firmware booted with. */
  readonly isBootVga: boolean;
  /** A virtual function of an SR-IOV card. */
  readonly isVirtualFunction: boolean;
  /** How many virtual functions of it are switched on. */
  readonly virtualFunctions: number;
  /** Ways to reset it, the first is taken: `flr`, `bus`. */
  readonly resetMethods: readonly string[];
  /** Its windows into memory (BARs). */
  readonly bars: readonly PciBar[];
  /** What of the host stands behind it and is in use, in words: `network interface eth0 is up`. */
  readonly inUse: readonly string[];
  /** Its interface that the default route of the host leaves by, itself or below a bridge, bond or VLAN. */
  readonly uplink: string | undefined;
  /** Processes that have its device nodes open. */
  readonly holders: readonly DeviceHolder[];
};

/** What is known of a device of which nothing but its address has been read. */
export function unreadDevice(address: string): PciDevice {
  return {
    address,
    vendor: '',
    device: '',
    subsystemVendor: '',
    subsystemDevice: '',
    classCode: '',
    driver: undefined,
    driverOverride: undefined,
    iommuGroup: undefined,
    numaNode: undefined,
    headerType: undefined,
    isSilent: false,
    isBootVga: false,
    isVirtualFunction: false,
    virtualFunctions: 0,
    resetMethods: [],
    bars: [],
    inUse: [],
    uplink: undefined,
    holders: [],
  };
}

export type PciBar = { readonly sizeBytes: number; readonly is64Bit: boolean };

export type DeviceHolder = {
  readonly pid: number;
  readonly name: string;
  /** The device node. */
  readonly path: string;
};

/** What a host says about its PCI devices. */
export type PciFacts = {
  /** All devices, by address. */
  readonly devices: ReadonlyMap<string, PciDevice>;
  /** /sys/kernel/iommu_groups has a group that an IOMMU keeps apart. */
  readonly hasIommu: boolean;
  /** Interrupts are remapped, without which VFIO refuses every group; undefined where it cannot be told. */
  readonly hasInterruptRemapping: boolean | undefined;
  /** The vfio-pci driver is loaded, built in or can be loaded. */
  readonly hasVfioPci: boolean;
  readonly cpuVendor: 'intel' | 'amd' | 'other';
  /** Width of the addresses that the IOMMU translates; undefined where it does not say. */
  readonly iommuAddressBits: number | undefined;
  /** Width of the CPU's physical addresses. */
  readonly physicalAddressBits: number | undefined;
  /** /proc/cmdline */
  readonly kernelCommandLine: string;
};

/** The devices of one IOMMU group, in the order of their addresses. */
export function groupMembers(pci: PciFacts, group: string): readonly PciDevice[] {
  return [...pci.devices.values()]
    .filter(({ iommuGroup }) => iommuGroup === group)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** `0000:01:00.0` is function 0 of slot `0000:01:00`. */
export function slotOf(address: string): string {
  return address.slice(0, address.lastIndexOf('.'));
}
