/** What preflight asks of a host. `undefined` is: could not be read. */
export type Facts = {
  readonly memoryBytes: number | undefined;
  readonly cpus: number | undefined;
  /** PCI addresses of all devices. */
  readonly pciDevices: readonly string[] | undefined;
  /** systemd runs as PID 1. */
  readonly systemd: boolean;
  /** Programs and files that were looked for and are not there. */
  readonly missing: readonly string[];
  /** The home directory of the service account. */
  readonly homeExists: boolean;
  /** User ids of the disks that are already there, by path. */
  readonly diskOwners: ReadonlyMap<string, number>;
};

/** Programs that the units call. */
export const programs = [
  'cloud-hypervisor',
  'ch-remote',
  'ip',
  'nft',
  'mkdosfs',
  'mcopy',
  'setpriv',
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
