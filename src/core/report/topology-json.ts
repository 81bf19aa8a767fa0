import type { Topology, TopologyDevice, TopologyNode } from '../topology/topology.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { type RecordedSubject, recordedJson } from './recorded-json.ts';

/** The whole tree, whatever is shown to people. */
export function topologyJson(
  { sockets, groups, hasIommu }: Topology,
  recorded: RecordedSubject | undefined,
): object {
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    recorded: recordedJson(recorded),
    iommu: hasIommu,
    sockets: sockets.map(({ ids, nodes }) => ({ ids, numa_nodes: nodes.map(nodeJson) })),
    gpu_groups: groups.map(({ id, gpus, companions, others }) => ({
      group: id,
      gpus,
      companions,
      others,
    })),
  };
}

function nodeJson({ numa, cpus, memoryBytes, devices }: TopologyNode): object {
  return {
    node: numa.kind === 'node' ? numa.id : null,
    cpus,
    memory_bytes: memoryBytes ?? null,
    devices: devices.map(deviceJson),
  };
}

function deviceJson(device: TopologyDevice): object {
  const { runtime } = device;
  return {
    address: device.address,
    role: device.role,
    class: device.className,
    name: device.name,
    driver: device.driver ?? null,
    iommu_group: device.iommuGroup ?? null,
    in_mixed_group: device.isInMixedGroup,
    numa_node: device.numaNode ?? null,
    virtual_function: device.isVirtualFunction,
    boot_display: device.isBootDisplay,
    in_use: device.inUse,
    runtime: runtime === undefined ? null : { index: runtime.index, name: runtime.name },
    devices: device.children.map(deviceJson),
  };
}
