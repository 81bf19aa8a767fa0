/** A host as it is wired: packages, memory nodes, buses. What hangs on what decides what can be passed on alone. */
export type Topology = {
  readonly sockets: readonly TopologySocket[];
  /** IOMMU groups that have a GPU, in the order of their numbers. */
  readonly groups: readonly GpuGroup[];
  /** No IOMMU is on: nothing has a group. */
  readonly hasIommu: boolean;
};

/** Nodes of one package, or of several where the firmware shows them as one node. */
export type TopologySocket = {
  /** Numbers of packages; empty where the kernel does not say. */
  readonly ids: readonly number[];
  readonly nodes: readonly TopologyNode[];
};

export type TopologyNode = {
  readonly numa: NodePlace;
  /** Numbers of its CPUs that are online. */
  readonly cpus: readonly number[];
  readonly memoryBytes: number | undefined;
  /** What stands on its root buses, by address. */
  readonly devices: readonly TopologyDevice[];
};

/** `whole`: the host does not have several; `unknown`: the firmware does not say where a device is. */
export type NodePlace =
  | { readonly kind: 'node'; readonly id: number }
  | { readonly kind: 'whole' }
  | { readonly kind: 'unknown' };

export type DeviceRole =
  | 'gpu'
  | 'nvswitch'
  | 'display'
  | 'network'
  | 'storage'
  | 'root-port'
  | 'bridge'
  | 'other';

export type TopologyDevice = {
  readonly address: string;
  readonly role: DeviceRole;
  /** In words: `NVMe controller`. */
  readonly className: string;
  /** From pci.ids; vendor and device numbers where that does not know it. */
  readonly name: string;
  readonly driver: string | undefined;
  readonly iommuGroup: string | undefined;
  readonly numaNode: number | undefined;
  readonly isVirtualFunction: boolean;
  /** No bridge, and its group holds a GPU and something that would have to come along. */
  readonly isInMixedGroup: boolean;
  readonly isBootDisplay: boolean;
  /** What of the host stands behind it and is in use. */
  readonly inUse: readonly string[];
  /** The runtime of a config that it goes to. */
  readonly runtime: RuntimeUse | undefined;
  /** It, or something behind it, is what an operator looks for here. */
  readonly isNotable: boolean;
  readonly children: readonly TopologyDevice[];
};

export type RuntimeUse = { readonly index: number; readonly name: string };

export type GpuGroup = {
  readonly id: string;
  /** Addresses of GPUs. */
  readonly gpus: readonly string[];
  /** Other functions of their cards, which come along. */
  readonly companions: readonly string[];
  /** What has nothing to do with them, but for the group. */
  readonly others: readonly string[];
};
