import type { NumaNode } from '../facts/numa.ts';
import type { PciFacts } from '../facts/pci.ts';
import type { Desired, DesiredRuntime } from '../resolve/desired.ts';

/** Which of the host's memory and CPUs a runtime gets. */
export type Placement = {
  /** Empty where it is left to the kernel. */
  readonly zones: readonly Zone[];
  /** What an operator should know of it; '' is nothing. */
  readonly note: string;
  /** The memory is not where the GPUs are, though it should be. */
  readonly isFarFromGpus: boolean;
};

/** A part of a VM on one NUMA node of the host. */
export type Zone = {
  readonly node: number;
  readonly memoryBytes: number;
  /** Numbers of the virtual CPUs. */
  readonly vcpus: readonly number[];
  /** Numbers of the host's CPUs that they may run on; empty is any. */
  readonly hostCpus: readonly number[];
};

/** The node memory of VMs is handed out in whole pages of at least this size. */
const PAGE_BYTES = 2 ** 21;
/** Of cloud-hypervisor's CPU set: a host CPU with this number makes it panic. */
const MOST_HOST_CPUS = 1024;

export const unplaced: Placement = { zones: [], note: '', isFarFromGpus: false };

export type PlacementFacts = {
  readonly numa: { readonly nodes: readonly NumaNode[] };
  readonly pci: PciFacts | undefined;
};

/** By index of the runtime. */
export function place(desired: Desired, facts: PlacementFacts): ReadonlyMap<number, Placement> {
  return new Map(
    desired.runtimes.map((runtime) => [runtime.index, placeRuntime(runtime, desired, facts)]),
  );
}

function placeRuntime(
  runtime: DesiredRuntime,
  desired: Desired,
  { numa, pci }: PlacementFacts,
): Placement {
  if (desired.memory.numa === 'off' || numa.nodes.length < 2) return unplaced;
  const ids = new Set(runtime.gpus.flatMap((gpu) => pci?.devices.get(gpu)?.numaNode ?? []));
  const nodes = numa.nodes.filter(({ id }) => ids.has(id));
  if (nodes.length === 0) return unplaced;
  const pageBytes = Math.max(desired.memory.hugepageBytes, PAGE_BYTES);
  const pages = Math.floor((runtime.memoryGib * 2 ** 30) / pageBytes);
  if (runtime.cpus < nodes.length || pages < nodes.length) return tooSmall(nodes);
  const zones = nodes.map((node, at) => ({
    node: node.id,
    memoryBytes: share(pages, nodes.length, at) * pageBytes,
    vcpus: vcpusOf(runtime.cpus, nodes.length, at),
    hostCpus: node.cpus.filter((cpu) => cpu < MOST_HOST_CPUS),
  }));
  return { zones, note: describe(zones), isFarFromGpus: false };
}

function tooSmall(nodes: readonly NumaNode[]): Placement {
  const list = nodes.map(({ id }) => id).join(' and ');
  return {
    zones: [],
    note: `its GPUs are on NUMA nodes ${list}, but its memory and virtual CPUs cannot be divided among them`,
    isFarFromGpus: true,
  };
}

/** The first nodes get what does not divide. */
function share(total: number, parts: number, at: number): number {
  return Math.floor(total / parts) + (at < total % parts ? 1 : 0);
}

function vcpusOf(cpus: number, parts: number, at: number): readonly number[] {
  let first = 0;
  for (let before = 0; before < at; before += 1) first += share(cpus, parts, before);
  return Array.from({ length: share(cpus, parts, at) }, (_, offset) => first + offset);
}

function describe(zones: readonly Zone[]): string {
  const places = zones.map(({ node, memoryBytes, vcpus, hostCpus }) => {
    const gib = memoryBytes / 2 ** 30;
    const size = Number.isInteger(gib) ? `${gib} GiB` : `${memoryBytes / 2 ** 20} MiB`;
    const cpus = hostCpus.length === 0 ? '' : ` (CPUs ${ranges(hostCpus)})`;
    return `${size} and ${vcpus.length} virtual CPUs on NUMA node ${node}${cpus}`;
  });
  return `${places.join(', ')}, where its GPUs are`;
}

/** `0-3,8` as the kernel writes lists of CPUs. */
export function ranges(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === number) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(',');
}
