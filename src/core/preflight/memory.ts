import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { Facts } from '../facts/facts.ts';
import type { NumaNode } from '../facts/numa.ts';
import { kernelParameters } from '../kinds/host-base/grub.ts';
import { hugepageNeeds } from '../placement/hugepage-needs.ts';
import type { Desired, DesiredRuntime } from '../resolve/desired.ts';
import { gib, type PreflightInput, warningAt } from './check.ts';

export type MemoryInput = Pick<PreflightInput, 'desired' | 'placements'> & {
  readonly facts: MemoryFacts;
};

type MemoryFacts = Pick<Facts, 'memoryBytes' | 'numa' | 'onlineCpus'> &
  Partial<Pick<Facts, 'distribution'>>;

/** Memory and CPUs of the host against those of the runtimes. */
export function memoryChecks(input: MemoryInput): readonly Diagnostic[] {
  return [
    ...memoryFitsHost(input),
    ...memoryFitsNodes(input),
    ...memoryLeftForHost(input),
    ...cpusFitNodes(input),
    ...memoryNearGpus(input),
    ...hugepagesOffered(input),
    ...hugepagesReserved(input),
    ...cpusFitHost(input),
  ];
}

function memoryFitsHost({ desired, facts }: MemoryInput): readonly Diagnostic[] {
  const bytes = usableBytes(desired, facts);
  if (bytes === undefined) return [];
  const hostGib = Math.floor(bytes / 2 ** 30);
  const wantedGib = sum(desired.runtimes, (runtime) => runtime.memoryGib);
  if (wantedGib <= hostGib) return [];
  const taken = otherPagesBytes(desired, facts.numa.nodes);
  const pages = taken === 0 ? '' : ` beside ${gib(taken)} in hugepages that they do not use`;
  return [
    errorAt(
      'memory-fits-host',
      '/runtimes',
      `the runtimes want ${wantedGib} GiB of memory together, the host has ${gib(bytes)}${pages}`,
      'lower memory_gb of a runtime, or global.default_memory_gb; a GPU pins all memory of its VM',
    ),
  ];
}

/** Memory that is bound to a node cannot come from another one. */
function memoryFitsNodes({ desired, facts, placements }: MemoryInput): readonly Diagnostic[] {
  return facts.numa.nodes.flatMap(({ id, memoryBytes, hugepages }) => {
    const users = desired.runtimes.flatMap(({ index }) => {
      const zone = placements.get(index)?.zones.find(({ node }) => node === id);
      return zone === undefined ? [] : [{ index, bytes: zone.memoryBytes }];
    });
    const wanted = users.reduce((total, { bytes }) => total + bytes, 0);
    const usable = memoryBytes - otherPagesBytes(desired, [{ hugepages }]);
    if (wanted <= usable) return [];
    const list = users.map(({ index, bytes }) => `runtime ${index}: ${gib(bytes)}`).join(', ');
    return [
      errorAt(
        'memory-fits-node',
        '/runtimes',
        `NUMA node ${id} has ${gib(usable)}, and the runtimes with GPUs there want ${gib(wanted)} (${list})`,
        'lower memory_gb of one of them, or set memory.numa = "off" and accept memory far from the GPUs',
      ),
    ];
  });
}

/** Memory in pages of a size that the runtimes do not use is lost to them. */
function otherPagesBytes(
  { memory }: Desired,
  nodes: readonly Pick<NumaNode, 'hugepages'>[],
): number {
  return nodes
    .flatMap(({ hugepages }) => [...hugepages])
    .filter(([size]) => size !== memory.hugepageBytes)
    .reduce((total, [size, pages]) => total + size * pages.total, 0);
}

function usableBytes(desired: Desired, facts: MemoryFacts): number | undefined {
  if (facts.memoryBytes === undefined) return undefined;
  return facts.memoryBytes - otherPagesBytes(desired, facts.numa.nodes);
}

const HOST_SHARE = 0.03;

/** The kernel, its page tables and cloud-hypervisor itself need memory too. */
function memoryLeftForHost({ desired, facts }: MemoryInput): readonly Diagnostic[] {
  const usable = usableBytes(desired, facts);
  if (usable === undefined) return [];
  const wanted = sum(desired.runtimes, (runtime) => runtime.memoryGib) * 2 ** 30;
  const left = usable - wanted;
  if (left < 0 || left >= usable * HOST_SHARE) return [];
  const message = `the runtimes want ${gib(wanted)} of ${gib(usable)}, which leaves ${gib(left)} for the host itself`;
  return [warningAt('memory-left-for-host', '/runtimes', message, 'lower memory_gb of a runtime')];
}

/** Virtual CPUs run on the node of their GPUs only, so others are no help when these are too few. */
function cpusFitNodes({ desired, facts, placements }: MemoryInput): readonly Diagnostic[] {
  return facts.numa.nodes.flatMap(({ id, cpus }) => {
    const wanted = sum(
      desired.runtimes,
      ({ index }) =>
        placements.get(index)?.zones.find(({ node }) => node === id)?.vcpus.length ?? 0,
    );
    if (wanted <= cpus.length || cpus.length === 0) return [];
    const message = `NUMA node ${id} has ${cpus.length} CPUs, and the runtimes with GPUs there want ${wanted}`;
    const help = 'lower cpus of one of them, or set memory.numa = "off" to let them run anywhere';
    return [warningAt('cpus-fit-node', '/runtimes', message, help)];
  });
}

function memoryNearGpus({ desired, placements }: MemoryInput): readonly Diagnostic[] {
  return desired.runtimes.flatMap(({ index, source }) => {
    const placement = placements.get(index);
    if (placement?.isFarFromGpus !== true) return [];
    const help = 'give it one CPU and one page of memory a node, or GPUs of one node';
    return [warningAt('memory-near-gpus', source, `runtime ${index}: ${placement.note}`, help)];
  });
}

/** The kernel offers the sizes that CPU and command line allow. */
function hugepagesOffered({ desired, facts, placements }: MemoryInput): readonly Diagnostic[] {
  const size = desired.memory.hugepageBytes;
  const [first] = facts.numa.nodes;
  const needs = hugepageNeeds(desired, placements);
  if (size === 0 || first === undefined || needs.length === 0 || first.hugepages.has(size)) {
    return [];
  }
  const name = size === 2 ** 30 ? '1 GiB' : '2 MiB';
  return [
    errorAt(
      'hugepage-size',
      '/memory/hugepages',
      `memory.hugepages: the host has no pages of ${name}`,
      size === 2 ** 30
        ? 'its CPU must have the flag pdpe1gb; else set memory.hugepages = "2M"'
        : 'use a kernel with CONFIG_HUGETLBFS, or set memory.hugepages = "none"',
    ),
  ];
}

/** Large pages are made of memory that lies together, of which a host has little once it has run for a while. */
function hugepagesReserved(input: MemoryInput): readonly Diagnostic[] {
  const { desired, facts, placements } = input;
  const size = desired.memory.hugepageBytes;
  if (size !== 2 ** 30) return [];
  const total = (node: number | undefined) =>
    facts.numa.nodes
      .filter(({ id }) => node === undefined || id === node)
      .reduce((sum, { hugepages }) => sum + (hugepages.get(size)?.total ?? 0), 0);
  return hugepageNeeds(desired, placements)
    .filter(({ node, pages }) => facts.numa.nodes.length > 0 && total(node) < pages)
    .map(({ node, pages }) =>
      warningAt(
        'hugepages-reserved',
        '/memory/hugepages',
        `memory.hugepages: ${node === undefined ? 'the host' : `NUMA node ${node}`} has ${total(node)} pages of 1 GiB reserved, ${pages} are needed`,
        `${total(node) === 0 ? 'all of them' : `the other ${pages - total(node)}`} are made at the start, if memory is not fragmented by then; ${reservingAtBoot(input)}`,
      ),
    );
}

function cpusFitHost({ desired, facts }: MemoryInput): readonly Diagnostic[] {
  const cpus = facts.onlineCpus?.length;
  if (cpus === undefined) return [];
  const wanted = sum(desired.runtimes, (runtime) => runtime.cpus);
  if (wanted <= cpus) return [];
  return [
    errorAt(
      'cpus-fit-host',
      '/runtimes',
      `the runtimes want ${wanted} CPUs together, the host has ${cpus}`,
      'lower cpus of a runtime, or global.default_cpus',
    ),
  ];
}

function sum(runtimes: readonly DesiredRuntime[], of: (runtime: DesiredRuntime) => number): number {
  return runtimes.reduce((total, runtime) => total + of(runtime), 0);
}

/** The GRUB of Fedora and its kin does not read what vllmd writes. */
function reservingAtBoot({ desired, facts, placements }: MemoryInput): string {
  const command =
    facts.distribution === 'fedora'
      ? `sudo grubby --update-kernel=ALL --args="${kernelParameters(desired, placements).join(' ')}"`
      : 'host.kernel_cmdline = "grub"';
  return `${command} reserves them at boot`;
}
