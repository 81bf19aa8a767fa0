import type { Mount } from './mounts.ts';
import type { NumaFacts } from './numa.ts';
import type { PciFacts } from './pci.ts';

/** What preflight asks of a host. `undefined` is: could not be read. */
export type Facts = {
  readonly memoryBytes: number | undefined;
  /** Numbers of the CPUs that are online. */
  readonly onlineCpus: readonly number[] | undefined;
  /** Read only where a runtime wants a GPU. */
  readonly pci: PciFacts | undefined;
  readonly numa: NumaFacts;
  /** What `cloud-hypervisor --version` prints. */
  readonly cloudHypervisor: string | undefined;
  /** systemd runs as PID 1. */
  readonly systemd: boolean;
  readonly systemdVersion: number | undefined;
  /** By how it installs packages and starts kernels. */
  readonly distribution: 'debian' | 'fedora' | undefined;
  /** systemd finds a `vllmd`, with which a boot recovers from an interrupted install. */
  readonly ownProgram: boolean;
  /** Programs and files that were looked for and are not there. */
  readonly missing: readonly string[];
  /** Files that the service account may not read. */
  readonly unreadable: readonly string[];
  /** The home directory of the service account. */
  readonly homeExists: boolean;
  readonly hasKvmGroup: boolean;
  /** User ids of the disks that are already there, by path. */
  readonly diskOwners: ReadonlyMap<string, number>;
  /** Base images that a runtime still has to copy, by path. */
  readonly images: ReadonlyMap<string, ImageFacts>;
  /** Free space where the disks go. */
  readonly stateDirFreeBytes: number | undefined;
  readonly mounts: readonly Mount[];
  readonly network: NetworkFacts;
  /** Undefined where the config names no key for a registry. */
  readonly hiveKey: HiveKeyFacts | undefined;
};

/** A file whose text is nobody's business: not there, no file, one that others than root can exchange or read, or root's alone. */
export type HiveKeyFacts = 'absent' | 'no-file' | 'exposed' | 'readable' | 'private';

export type ImageFacts = {
  readonly sizeBytes: number;
  /** What a copy takes: less where the image has holes. */
  readonly allocatedBytes: number;
  /** What its first bytes say it is. */
  readonly format: 'raw' | 'qcow2' | 'vhdx' | 'vmdk' | 'compressed';
};

export type NetworkFacts = {
  /** By name; only those that the config names. */
  readonly interfaces: ReadonlyMap<string, InterfaceFacts>;
  /** IPv4 routes: interface and subnet in CIDR form. */
  readonly routes: readonly { readonly device: string; readonly subnet: string }[];
};

/** Marks interfaces as made by vllmd. */
export const OWN_ALIAS = 'vllmd';

export type InterfaceFacts = { readonly isBridge: boolean; readonly alias: string };

/** Programs that the units and an install call. */
export const programs = [
  'cloud-hypervisor',
  'ch-remote',
  'ip',
  'nft',
  'mkdosfs',
  'mcopy',
  'setpriv',
  'flock',
  'systemd-analyze',
] as const;

/** Where systemd looks for a program that is named without its directory. */
export const programDirs = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
] as const;
