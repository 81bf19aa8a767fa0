import type { BusRange } from './bus-range.ts';
import type { NumaFacts } from './numa.ts';
import type { PciFacts } from './pci.ts';
import type { PciNames } from './pci-ids.ts';

/** Everything that a host has to give, whatever a config asks for. `undefined` is: could not be read. */
export type Inventory = {
  /** All devices with all that is known of them. */
  readonly pci: PciFacts;
  /** Of bridges, by address. */
  readonly buses: ReadonlyMap<string, BusRange>;
  readonly names: PciNames;
  readonly cpus: readonly HostCpu[];
  readonly numa: NumaFacts;
  readonly memoryBytes: number | undefined;
  /** What programs can still have, of /proc/meminfo. */
  readonly availableBytes: number | undefined;
};

/** A CPU that is online. */
export type HostCpu = {
  readonly id: number;
  /** Number of its package. */
  readonly socket: number | undefined;
  /** The same for threads of one core. */
  readonly core: string;
};
