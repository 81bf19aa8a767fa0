import { configMaxima } from '../config/config-input.gen.ts';
import type { HostCpu, Inventory } from '../facts/inventory.ts';
import type { NumaNode } from '../facts/numa.ts';
import type { Candidate } from './candidates.ts';
import type { NodeShare } from './proposal.ts';
import { pageBytes, pageSizeOf, reservedBytes } from './reserved-pages.ts';

/** A part of the host that GPUs share. */
type Pool = {
  readonly node: number | undefined;
  /** Numbers of CPUs by core, whole cores. */
  readonly cores: readonly (readonly number[])[];
  readonly memoryGib: number;
  /** In pages that are reserved, where these are what the runtimes get. */
  readonly pagesGib: number | undefined;
};

export type Split = {
  /** In the order of the candidates; those that got nothing are not in it. */
  readonly parts: ReadonlyMap<Candidate, Part>;
  readonly shares: readonly NodeShare[];
  /** For which memory or CPUs do not suffice. */
  readonly tooMany: readonly Candidate[];
};

export type Part = { readonly memoryGib: number; readonly cpus: number };

const GIB = 2 ** 30;
/** What stays with the host on each node: a sixteenth of the cores, a twentieth of the memory, at least this much. */
const HOST_CORE_SHARE = 16;
const HOST_MEMORY_SHARE = 20;
export const LEAST_HOST_GIB = 4;
const { cpus: MOST_CPUS, memory_gb: MOST_GIB } = configMaxima.runtimes;

/**
 * Cores and memory of each node in equal parts for each GPU there, in whole cores and whole GiB. A runtime with GPUs on
 * several nodes takes the same from each, as it is placed. Of GPUs whose parts would be nothing the last ones get none.
 */
export function split(chosen: readonly Candidate[], inventory: Inventory): Split {
  const pools = poolsOf(inventory);
  let kept = chosen;
  for (;;) {
    const seats = seat(kept, pools);
    const parts = new Map(kept.map((one) => [one, partOf(one, seats)]));
    const last = kept.findLast((one) => isNothing(parts.get(one)));
    if (last === undefined) {
      const tooMany = chosen.filter((one) => !parts.has(one));
      return { parts, shares: sharesOf(seats, parts), tooMany };
    }
    kept = kept.filter((one) => one !== last);
  }
}

function isNothing({ memoryGib, cpus }: Part = nothing): boolean {
  return memoryGib < 1 || cpus < 1;
}

/** All of the host for one runtime, less what stays with the host. */
export function wholeHost(inventory: Inventory): {
  readonly part: Part;
  readonly share: NodeShare;
} {
  const pools = poolsOf(inventory);
  const cpus = total(pools.map((pool) => forRuntimes(pool).cores * threadsOf(pool)));
  const memoryGib = total(pools.map((pool) => forRuntimes(pool).memoryGib));
  const part = { memoryGib: Math.min(memoryGib, MOST_GIB), cpus: Math.min(cpus, MOST_CPUS) };
  const share = {
    node: undefined,
    gpuCount: 0,
    cpuCount: total(pools.map(({ cores }) => cores.flat().length)),
    runtimeCpus: part.cpus,
    memoryGib: total(pools.map((pool) => pool.memoryGib)),
    runtimeMemoryGib: part.memoryGib,
  };
  return { part, share };
}

function poolsOf(inventory: Inventory): readonly Pool[] {
  const { numa, cpus, memoryBytes = 0 } = inventory;
  const size = pageSizeOf(inventory);
  const memoryOf = (nodes: readonly NumaNode[], bytes: number) => ({
    memoryGib: Math.floor((bytes - reservedBytes(nodes, size)) / GIB),
    pagesGib: size && Math.floor(pageBytes(nodes, size) / GIB),
  });
  if (numa.nodes.length < 2) {
    return [{ node: undefined, cores: coresOf(cpus), ...memoryOf(numa.nodes, memoryBytes) }];
  }
  return numa.nodes.map((node) => {
    const own = new Set(node.cpus);
    return {
      node: node.id,
      cores: coresOf(cpus.filter(({ id }) => own.has(id))),
      ...memoryOf([node], node.memoryBytes),
    };
  });
}

function coresOf(cpus: readonly HostCpu[]): readonly (readonly number[])[] {
  const cores = new Map<string, readonly number[]>();
  for (const { id, core } of cpus) cores.set(core, [...(cores.get(core) ?? []), id]);
  return [...cores.values()];
}

/** Where cores differ, that of the smallest: a part must not depend on which cores it gets. */
function threadsOf({ cores }: Pool): number {
  return cores.length === 0 ? 0 : Math.min(...cores.map((threads) => threads.length));
}

function forRuntimes({ cores, memoryGib, pagesGib = memoryGib }: Pool): {
  readonly cores: number;
  readonly memoryGib: number;
} {
  // A host of one core has none to spare.
  const hostCores = cores.length < 2 ? 0 : Math.ceil(cores.length / HOST_CORE_SHARE);
  const hostGib = Math.max(LEAST_HOST_GIB, Math.ceil(memoryGib / HOST_MEMORY_SHARE));
  const left = Math.min(pagesGib, memoryGib - hostGib);
  return { cores: cores.length - hostCores, memoryGib: Math.max(0, left) };
}

type Seat = { readonly pool: Pool; readonly gpus: ReadonlyMap<Candidate, number> };

/** Which GPUs share which pool. One without a node goes where there is most for it. */
function seat(chosen: readonly Candidate[], pools: readonly Pool[]): readonly Seat[] {
  const seats = pools.map((pool) => ({ pool, gpus: new Map<Candidate, number>() }));
  const add = (at: number, candidate: Candidate, count: number) => {
    const gpus = seats[at]?.gpus;
    gpus?.set(candidate, (gpus.get(candidate) ?? 0) + count);
  };
  const homeless: Candidate[] = [];
  for (const candidate of chosen) {
    const places = pools.flatMap(({ node }, at) => {
      const count = candidate.filter(({ numaNode }) => numaNode === node).length;
      return node === undefined || count === 0 ? [] : [{ at, count }];
    });
    for (const { at, count } of places) add(at, candidate, count);
    if (places.length === 0) homeless.push(candidate);
  }
  for (const candidate of homeless) add(roomiest(seats), candidate, candidate.length);
  return seats;
}

function roomiest(seats: readonly Seat[]): number {
  // A node of memory alone is no place for a VM.
  const room = seats.map(({ pool, gpus }) =>
    pool.cores.length === 0 ? 0 : forRuntimes(pool).memoryGib / (total(gpus.values()) + 1),
  );
  return room.indexOf(Math.max(...room));
}

function partOf(candidate: Candidate, seats: readonly Seat[]): Part {
  const own = seats.flatMap(({ pool, gpus }) => {
    const count = gpus.get(candidate);
    if (count === undefined) return [];
    const { cores, memoryGib } = forRuntimes(pool);
    const all = total(gpus.values());
    return [
      {
        memoryGib: Math.floor((memoryGib * count) / all),
        cpus: Math.floor((cores * count) / all) * threadsOf(pool),
      },
    ];
  });
  const least = (values: readonly number[], most: number) =>
    Math.min(Math.floor(most / values.length), ...values) * values.length;
  return {
    memoryGib: least(
      own.map(({ memoryGib }) => memoryGib),
      MOST_GIB,
    ),
    cpus: least(
      own.map(({ cpus }) => cpus),
      MOST_CPUS,
    ),
  };
}

function sharesOf(
  seats: readonly Seat[],
  parts: ReadonlyMap<Candidate, Part>,
): readonly NodeShare[] {
  const nodesOf = (candidate: Candidate) => seats.filter(({ gpus }) => gpus.has(candidate)).length;
  return seats
    .filter(({ gpus }) => gpus.size > 0)
    .map(({ pool, gpus }) => {
      const sum = (of: (part: Part) => number) =>
        total([...gpus.keys()].map((one) => of(parts.get(one) ?? nothing) / nodesOf(one)));
      return {
        node: pool.node,
        gpuCount: total(gpus.values()),
        cpuCount: pool.cores.flat().length,
        runtimeCpus: sum(({ cpus }) => cpus),
        memoryGib: pool.memoryGib,
        runtimeMemoryGib: sum(({ memoryGib }) => memoryGib),
      };
    });
}

const nothing: Part = { memoryGib: 0, cpus: 0 };

function total(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, number) => sum + number, 0);
}
