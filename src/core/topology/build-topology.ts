import type { Inventory } from '../facts/inventory.ts';
import type { NumaNode } from '../facts/numa.ts';
import { className } from '../facts/pci-class.ts';
import { deviceName } from '../facts/pci-ids.ts';
import { type BusTree, busTrees } from './bus-tree.ts';
import { gpuGroups, isMixed } from './gpu-groups.ts';
import { roleOf } from './roles.ts';
import type {
  DeviceRole,
  NodePlace,
  RuntimeUse,
  Topology,
  TopologyDevice,
  TopologyNode,
  TopologySocket,
} from './topology.ts';

/** By address of what a config gives to its runtimes. */
export type RuntimeUses = ReadonlyMap<string, RuntimeUse>;

export function buildTopology(inventory: Inventory, uses: RuntimeUses): Topology {
  const { pci, buses } = inventory;
  const groups = gpuGroups(pci);
  const context: Context = {
    inventory,
    uses,
    gpuGroupIds: new Set(groups.map(({ id }) => id)),
    mixedIds: new Set(groups.filter(isMixed).map(({ id }) => id)),
  };
  const trees = busTrees([...pci.devices.values()], buses);
  return { sockets: socketsOf(nodesOf(trees, context), inventory), groups, hasIommu: pci.hasIommu };
}

type Context = {
  readonly inventory: Inventory;
  readonly uses: RuntimeUses;
  readonly gpuGroupIds: ReadonlySet<string>;
  readonly mixedIds: ReadonlySet<string>;
};

function nodesOf(trees: readonly BusTree[], context: Context): readonly TopologyNode[] {
  const { numa, cpus, memoryBytes } = context.inventory;
  const devicesAt = (isHere: (node: number | undefined) => boolean) =>
    trees.filter((tree) => isHere(nodeOf(tree))).map((tree) => deviceOf(tree, true, context));
  if (numa.nodes.length < 2) {
    const [node] = numa.nodes;
    const place: NodePlace = node === undefined ? { kind: 'whole' } : { kind: 'node', id: node.id };
    const ids = cpus.map(({ id }) => id);
    return [{ numa: place, cpus: ids, memoryBytes, devices: devicesAt(() => true) }];
  }
  const ids = new Set(numa.nodes.map(({ id }) => id));
  const known = numa.nodes.map((node: NumaNode) => ({
    numa: { kind: 'node', id: node.id } as const,
    cpus: node.cpus,
    memoryBytes: node.memoryBytes,
    devices: devicesAt((id) => id === node.id),
  }));
  const rest = devicesAt((id) => id === undefined || !ids.has(id));
  if (rest.length === 0) return known;
  return [...known, { numa: { kind: 'unknown' }, cpus: [], memoryBytes: undefined, devices: rest }];
}

/** Of a device on a root bus; a bridge that does not say is where the first device behind it is. */
function nodeOf({ device, children }: BusTree): number | undefined {
  if (device.numaNode !== undefined) return device.numaNode;
  return children.map(nodeOf).find((node) => node !== undefined);
}

function deviceOf(
  { device, children }: BusTree,
  isOnRootBus: boolean,
  context: Context,
): TopologyDevice {
  const { inventory, uses, gpuGroupIds, mixedIds } = context;
  const { address, iommuGroup = '' } = device;
  const role = roleOf(device, isOnRootBus);
  const behind = children.map((child) => deviceOf(child, false, context));
  const isOwn = notable.has(role) || uses.has(address);
  const isEndpoint = role !== 'bridge' && role !== 'root-port';
  const isBeside = gpuGroupIds.has(iommuGroup) && isEndpoint;
  return {
    address,
    role,
    className: className(device.classCode),
    name: deviceName(device, inventory.names),
    driver: device.driver,
    iommuGroup: device.iommuGroup,
    numaNode: device.numaNode,
    isVirtualFunction: device.isVirtualFunction,
    isInMixedGroup: mixedIds.has(iommuGroup) && isEndpoint,
    isBootDisplay: device.isBootVga,
    inUse: device.inUse,
    runtime: uses.get(address),
    isNotable: isOwn || isBeside || behind.some((child) => child.isNotable),
    children: behind,
  };
}

const notable: ReadonlySet<DeviceRole> = new Set([
  'gpu',
  'nvswitch',
  'display',
  'network',
  'storage',
]);

/** Nodes that have CPUs of the same packages; those without CPUs, memory alone, come last. */
function socketsOf(nodes: readonly TopologyNode[], { cpus }: Inventory): readonly TopologySocket[] {
  const socketOf = new Map(cpus.map(({ id, socket }) => [id, socket]));
  const sockets = new Map<string, { readonly ids: readonly number[]; nodes: TopologyNode[] }>();
  for (const node of nodes) {
    const found = new Set(node.cpus.flatMap((cpu) => socketOf.get(cpu) ?? []));
    const ids = [...found].sort((a, b) => a - b);
    const socket = sockets.get(ids.join()) ?? { ids, nodes: [] };
    socket.nodes.push(node);
    sockets.set(ids.join(), socket);
  }
  const rank = ({ ids }: TopologySocket) => ids[0] ?? Number.POSITIVE_INFINITY;
  return [...sockets.values()].toSorted((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    return first === second ? 0 : first - second;
  });
}
