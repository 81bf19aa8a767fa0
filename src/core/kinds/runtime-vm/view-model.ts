import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths, vfioUnit } from '../../resolve/layout.ts';

/** Every value that a template of a runtime may name. */
export function runtimeView(desired: Desired, runtime: DesiredRuntime) {
  const paths = runtimePaths(desired, runtime.index);
  const hostname = `vllmd-${runtime.index}`;
  return {
    index: runtime.index,
    name: runtime.name,
    user: desired.account.name,
    group: desired.account.group,
    gpus: runtime.gpus.join(','),
    hasGpus: runtime.gpus.length > 0,
    vfioUnits: runtime.gpus.map(vfioUnit),
    memory: `${runtime.memoryGib}G`,
    cpus: runtime.cpus,
    apiSocket: paths.apiSocket,
    vmDefinition: paths.vmDefinition,
    runtimeDir: paths.dir,
    baseImage: desired.baseImage,
    diskBytes: desired.diskBytes,
    bridge: desired.network.bridge,
    tap: runtime.tap,
    // A tap with several queue pairs cannot be opened with one, and the reverse.
    tapFlags: runtime.networkQueues > 2 ? 'multi_queue' : '',
    mac: runtime.mac,
    address: runtime.address,
    hostname,
    instanceId: hostname,
    interfaceAddress: `${runtime.address}/${desired.network.prefixLength}`,
    gateway: desired.network.gateway,
    nameServers: desired.network.nameServers,
  };
}
