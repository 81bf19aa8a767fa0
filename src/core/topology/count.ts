import type { Topology, TopologyDevice } from './topology.ts';

/** All devices, each before what is behind it. */
export function allDevices({ sockets }: Topology): readonly TopologyDevice[] {
  return sockets.flatMap(({ nodes }) =>
    nodes.flatMap(({ devices }) => devices.flatMap(withBehind)),
  );
}

function withBehind(device: TopologyDevice): readonly TopologyDevice[] {
  return [device, ...device.children.flatMap(withBehind)];
}

/** The same with only what an operator looks for here: GPUs, network, disks, what shares a group with a GPU, and the way there. */
export function notableOnly(topology: Topology): Topology {
  return {
    ...topology,
    sockets: topology.sockets.map((socket) => ({
      ...socket,
      nodes: socket.nodes
        .map((node) => ({ ...node, devices: kept(node.devices) }))
        .filter(({ numa, devices }) => numa.kind !== 'unknown' || devices.length > 0),
    })),
  };
}

function kept(devices: readonly TopologyDevice[]): readonly TopologyDevice[] {
  return devices
    .filter(({ isNotable }) => isNotable)
    .map((device) => ({ ...device, children: kept(device.children) }));
}
