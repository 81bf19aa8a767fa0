import type { PciFacts } from './pci.ts';
import type { PciPort } from './pci-capabilities.ts';

/** What a precheck asks of a host beside the facts of a config. `undefined` is: could not be read. */
export type MachineFacts = {
  readonly cpuModel: string;
  /** Of /proc/cpuinfo. */
  readonly cpuFlags: ReadonlySet<string>;
  readonly kernelRelease: string;
  readonly kvm: KvmFacts;
  /** By the name of the file below /sys/devices/system/cpu/vulnerabilities. */
  readonly vulnerabilities: ReadonlyMap<string, string>;
  /** Two or more threads of a core are online. */
  readonly hasThreads: boolean | undefined;
  /** By `isolcpus=` of the kernel, as a list such as `2-63`; '' is none. */
  readonly isolatedCpus: string;
  /** vfio_iommu_type1 takes devices whose interrupts are not remapped. */
  readonly allowsUnsafeInterrupts: boolean;
  /** vfio gives away devices that no IOMMU covers: its enable_unsafe_noiommu_mode. */
  readonly allowsNoIommu: boolean;
  /** All devices, without what takes time to read. */
  readonly pci: PciFacts;
  /** Addresses of displays that the firmware booted with. */
  readonly bootDisplays: ReadonlySet<string>;
  /** Of GPUs, of what else a config names, and of the bridges above them, by address. */
  readonly ports: ReadonlyMap<string, PciPort>;
  /** What `ch-remote --version` prints. */
  readonly chRemote: string | undefined;
  readonly availableBytes: number | undefined;
  readonly systemdLimits: SystemdLimits;
};

export type KvmFacts = {
  /** /dev/kvm; undefined where it is missing. */
  readonly node: { readonly mode: number; readonly gid: number } | undefined;
  readonly groupId: number | undefined;
  /** The module that is loaded. */
  readonly module: 'kvm_intel' | 'kvm_amd' | undefined;
  /** Guests may run virtual machines of their own. */
  readonly isNested: boolean;
};

/** What PID 1 can give a unit. */
export type SystemdLimits = {
  /** It has CAP_SYS_RESOURCE, and so can set any limit. */
  readonly isPrivileged: boolean | undefined;
  /** Its own upper bound of locked memory. */
  readonly lockedBytes: number | undefined;
};
