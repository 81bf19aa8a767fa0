import type { Diagnostic } from '../../diagnostic.ts';
import type { DevicePin } from '../../facts/device-pin.ts';
import type { Facts } from '../../facts/facts.ts';
import type { Desired } from '../../resolve/desired.ts';
import { bootVga } from './boot-vga.ts';
import { deviceHeld } from './device-held.ts';
import { deviceInUse } from './device-in-use.ts';
import { gpuClass } from './gpu-class.ts';
import { gpuIdentity } from './gpu-identity.ts';
import { gpuIsEndpoint } from './gpu-is-endpoint.ts';
import { gpuPresent } from './gpu-present.ts';
import { gpuReset } from './gpu-reset.ts';
import { gpuSupported } from './gpu-supported.ts';
import { groupOneRuntime } from './group-one-runtime.ts';
import type { HostCheck } from './host-check.ts';
import { interruptRemapping } from './interrupt-remapping.ts';
import { iommuGroupViable } from './iommu-group-viable.ts';
import { iommuOn } from './iommu-on.ts';
import { nvswitchPartition } from './nvswitch-partition.ts';
import { vfioModule } from './vfio-module.ts';
import { vfioView } from './vfio-view.ts';
import { virtualFunctionsOff } from './virtual-functions-off.ts';

/** The host first, then each device, then what it shares with others. */
export const hostChecks: readonly HostCheck[] = [
  iommuOn,
  interruptRemapping,
  vfioModule,
  gpuPresent,
  gpuIdentity,
  gpuIsEndpoint,
  gpuClass,
  gpuSupported,
  bootVga,
  virtualFunctionsOff,
  groupOneRuntime,
  iommuGroupViable,
  deviceInUse,
  deviceHeld,
  nvswitchPartition,
  gpuReset,
];

/** Everything that speaks against binding the devices of this config; nothing of the host is changed before it is empty. */
export function vfioPreflight(
  desired: Desired,
  facts: Facts,
  pins: ReadonlyMap<string, DevicePin>,
): readonly Diagnostic[] {
  const wantsGpus = desired.runtimes.some(({ gpus }) => gpus.length > 0);
  if (!wantsGpus || facts.pci === undefined) return [];
  const view = vfioView(desired, facts.pci, pins, facts.cloudHypervisor);
  return hostChecks.flatMap(({ check }) => check(view));
}
