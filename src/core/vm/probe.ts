/**
 * What is known of the host that a VM is to run on. A member, an entry of `files` or an optional part that is
 * `undefined` means: nobody has looked. Rules then say nothing.
 */
export type VmProbe = {
  /** By path: files, directories and devices that the VM definition names. */
  readonly files?: ReadonlyMap<string, FileProbe>;
  /** Socket files that exist although the VM does not run. */
  readonly existingSockets?: ReadonlySet<string>;
  readonly onlineCpus?: ReadonlySet<number>;
  /** The host CPUs that the VM's unit may use (`AllowedCPUs=`). */
  readonly allowedCpus?: ReadonlySet<number>;
  /** KVM_CAP_MAX_VCPUS. */
  readonly kvmMaxVcpus?: number;
  /** Hugepages of the host by bytes of a page. */
  readonly hugepages?: ReadonlyMap<number, number>;
  /** Those of them that are free, the VM's own counted as free. */
  readonly freeHugepages?: ReadonlyMap<number, number>;
  /** The same by NUMA node. */
  readonly freeHugepagesByNode?: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** By name: all taps of the host; one that is not here does not exist. */
  readonly taps?: ReadonlyMap<string, TapProbe>;
  /** By address (`0000:01:00.0`). */
  readonly pciDevices?: ReadonlyMap<string, PciProbe>;
  readonly iommuGroups?: ReadonlyMap<number, IommuGroupProbe>;
  readonly kernel?: { readonly major: number; readonly minor: number };
  /** The vfio module is loaded, so that `DeviceAllow=char-vfio` means something. */
  readonly isVfioLoaded?: boolean;
  /** RLIMIT_MEMLOCK of the VM's unit; Infinity without a limit. */
  readonly memlockLimitBytes?: number;
  /** Address width of the host's IOMMU. */
  readonly iommuAddressBits?: number;
  /** Physical address width of the host's CPUs. */
  readonly physicalAddressBits?: number;
  /** The VM's unit is root or has CAP_NET_ADMIN. */
  readonly isPrivileged?: boolean;
};

/** Access is that of the account that the VM runs as. */
export type FileProbe = {
  readonly isThere: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly sizeBytes?: number;
  /** The format that the first bytes tell, in the words of `image_type`. */
  readonly imageType?: 'FixedVhd' | 'FlatVmdk' | 'Qcow2' | 'Raw' | 'Vhdx';
  /** A qcow2 image that refers to another one. */
  readonly hasBackingFile?: boolean;
  /** Another process holds a lock on it. */
  readonly isLocked?: boolean;
};

export type TapProbe = {
  readonly isUp: boolean;
  /** Made with IFF_MULTI_QUEUE. */
  readonly isMultiQueue: boolean;
};

/** Ids are four lower-case hexadecimal digits, as sysfs has them less `0x`. */
export type PciProbe = {
  readonly iommuGroup?: number;
  readonly vendorId?: string;
  readonly deviceId?: string;
  readonly hasMsix?: boolean;
  readonly bars?: readonly BarProbe[];
};

export type BarProbe = {
  readonly sizeBytes: number;
  readonly is64Bit: boolean;
};

export type IommuGroupProbe = {
  readonly members: readonly GroupMember[];
  /** A process other than the VM itself has the group open. */
  readonly isInUse?: boolean;
  /** The VM's account can read and write /dev/vfio/<group>. */
  readonly isNodeAccessible?: boolean;
  /** `DeviceAllow=` of the VM's unit lets /dev/vfio/<group> through. */
  readonly isNodeAllowed?: boolean;
};

export type GroupMember = {
  readonly address: string;
  /** `undefined` is: bound to none. */
  readonly driver: string | undefined;
  /** The six hexadecimal digits of sysfs as a number: 0x030200 is a 3D controller. */
  readonly classCode: number;
};
