import { counted } from '../counted.ts';
import { ranges } from '../placement/place.ts';
import { gib } from '../preflight/check.ts';
import { allDevices } from '../topology/count.ts';
import { isMixed, isShared } from '../topology/gpu-groups.ts';
import type {
  GpuGroup,
  Topology,
  TopologyDevice,
  TopologyNode,
  TopologySocket,
} from '../topology/topology.ts';

/** `2 sockets, 2 NUMA nodes, 64 CPUs, 512 GiB of memory (498 GiB free now), 4 GPUs` */
export function summaryWords(topology: Topology, availableBytes?: number): string {
  const free = availableBytes === undefined ? '' : ` (${gib(availableBytes)} free now)`;
  const nodes = topology.sockets.flatMap((socket) => socket.nodes);
  const sockets = new Set(topology.sockets.flatMap(({ ids }) => ids)).size;
  const numa = nodes.filter(({ numa: { kind } }) => kind === 'node').length;
  const memory = nodes.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
  const gpus = allDevices(topology).filter(({ role }) => role === 'gpu');
  const cards = gpus.filter(({ isVirtualFunction }) => !isVirtualFunction).length;
  return [
    ...(sockets === 0 ? [] : [counted(sockets, 'socket')]),
    ...(numa === 0 ? [] : [counted(numa, 'NUMA node')]),
    counted(nodes.flatMap(({ cpus }) => cpus).length, 'CPU'),
    ...(memory === 0 ? [] : [`${gib(memory)} of memory${free}`]),
    counted(cards, 'GPU'),
    ...(cards === gpus.length ? [] : [counted(gpus.length - cards, 'virtual GPU')]),
  ].join(', ');
}

export function socketWords({ ids }: TopologySocket): string {
  return `socket${ids.length === 1 ? '' : 's'} ${ids.join(' and ')}`;
}

export function nodeWords({ numa, cpus, memoryBytes }: TopologyNode): string {
  if (numa.kind === 'unknown') return 'the firmware does not say on which NUMA node these are';
  const name = numa.kind === 'node' ? `NUMA node ${numa.id}` : 'no NUMA nodes';
  const parts = [
    cpus.length === 0 ? 'no CPUs' : `CPUs ${ranges(cpus)}`,
    ...(memoryBytes === undefined ? [] : [gib(memoryBytes)]),
  ];
  return `${name}: ${parts.join(', ')}`;
}

const roleNames: Readonly<Partial<Record<TopologyDevice['role'], string>>> = {
  gpu: 'GPU',
  nvswitch: 'NVSwitch',
  'root-port': 'root port',
  bridge: 'bridge',
};

export function kindWords({ role, className, isVirtualFunction }: TopologyDevice): string {
  const kind = roleNames[role] ?? className;
  return isVirtualFunction ? `virtual ${kind}` : kind;
}

/** What it is taken up by: a runtime, the host. */
export function useWords({ runtime, isBootDisplay, inUse }: TopologyDevice): string {
  return [
    ...(runtime === undefined ? [] : [`runtime ${runtime.index} (${runtime.name})`]),
    ...(isBootDisplay ? ['display of the host'] : []),
    ...inUse,
  ].join(', ');
}

/** What there is to know of groups before one writes a config. */
export function groupLines({ groups, hasIommu }: Topology): readonly string[] {
  if (!hasIommu) {
    return ['no IOMMU is on, so nothing can be passed on: `vllmd precheck` says what to switch on'];
  }
  return groups.flatMap((group) => [...mixedLine(group), ...sharedLine(group)]);
}

function mixedLine(group: GpuGroup): readonly string[] {
  if (!isMixed(group)) return [];
  const { id, gpus, others } = group;
  const words = gpus.length === 1 ? 'GPU' : 'GPUs';
  return [
    `group ${id}: ${words} ${gpus.join(', ')} with ${others.join(', ')}; while one of these has a driver of the host, no VM gets any`,
  ];
}

function sharedLine(group: GpuGroup): readonly string[] {
  if (!isShared(group)) return [];
  const { id, gpus } = group;
  return [`group ${id}: GPUs ${gpus.join(', ')} can only go to one runtime, together`];
}
