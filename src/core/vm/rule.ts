import type { VmProbe } from './probe.ts';
import type { RestoreConfig } from './restore-config.ts';
import type { ChVersion } from './version.ts';
import type { VmConfig } from './vm-config.gen.ts';

/** One broken rule, as data. Programs may rely on `rule`; the text may change. */
export type VmProblem = {
  readonly rule: string;
  /** JSON pointer into the VM definition, '' for the whole of it; `/restore/…` is the restore request. */
  readonly at: string;
  /** Lower case, no full stop: the key, the rule and the value found. */
  readonly message: string;
  /** What would work. */
  readonly help?: string;
  readonly severity: Severity;
};

export type Severity = 'error' | 'warning';

export type VmContext = {
  /** The installed cloud-hypervisor; `undefined` is: not known. */
  readonly version: ChVersion | undefined;
  readonly architecture: 'x86_64' | 'aarch64' | 'riscv64';
  readonly probe: VmProbe;
  /** Given when a VM is to be restored from a snapshot. */
  readonly restore?: RestoreConfig;
};

/** A promise about one VM definition that its schema cannot say. */
export type VmRule = {
  readonly id: string;
  readonly check: (vm: VmConfig, context: VmContext) => readonly VmProblem[];
};

export type NamedVm = {
  /** The index of its runtime. */
  readonly index: number;
  readonly vm: VmConfig;
};

/** `at` points into the definition of the VM with this index. */
export type HostProblem = VmProblem & { readonly index: number };

/** A promise about all VMs of a host together. */
export type HostRule = {
  readonly id: string;
  readonly check: (vms: readonly NamedVm[], context: VmContext) => readonly HostProblem[];
};
