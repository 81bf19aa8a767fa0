import type { Desired, DesiredPayload, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths, vfioUnit } from '../../resolve/layout.ts';

/** The time a start may take: pages are cleared and pinned at some 2 GiB a second when things go badly. */
const BASE_START_SECONDS = 600;
const SECONDS_PER_GIB = 0.5;

/** Every value that a template of a runtime may name. */
export function runtimeView(desired: Desired, runtime: DesiredRuntime) {
  const { account, network, memory } = desired;
  const paths = runtimePaths(desired, runtime.index);
  return {
    index: runtime.index,
    name: runtime.name,
    user: account.name,
    group: account.group,
    gpus: runtime.gpus.join(','),
    hasGpus: runtime.gpus.length > 0,
    vfioUnits: runtime.gpus.map(vfioUnit),
    memory: `${runtime.memoryGib}G`,
    cpus: runtime.cpus,
    usesHugepages: memory.hugepageBytes > 0,
    startTimeoutSeconds: Math.ceil(BASE_START_SECONDS + runtime.memoryGib * SECONDS_PER_GIB),
    apiSocket: paths.apiSocket,
    vmDefinition: paths.vmDefinition,
    payloadFiles: payloadFiles(runtime.payload),
    runtimeDir: paths.dir,
    baseImage: runtime.baseImage,
    diskBytes: runtime.diskBytes,
    preventRemoval: runtime.preventRemoval,
    hasNetwork: network.mode !== 'none',
    networkMode: network.mode,
    bridge: network.bridge,
    tap: runtime.tap,
    // A tap with several queue pairs cannot be opened with one, and the reverse.
    tapFlags: runtime.networkQueues > 2 ? 'multi_queue' : '',
    mac: runtime.mac,
    address: runtime.address,
    hostname: runtime.hostname,
    instanceId: `vllmd-${runtime.index}`,
    isStatic: network.mode === 'nat',
    interfaceAddress: `${runtime.address}/${network.prefixLength}`,
    gateway: network.gateway,
    nameServers: network.nameServers,
  };
}

export function payloadFiles(payload: DesiredPayload): readonly string[] {
  if (payload.type === 'firmware') return [payload.firmware];
  return [payload.kernel, ...(payload.initramfs === '' ? [] : [payload.initramfs])];
}
