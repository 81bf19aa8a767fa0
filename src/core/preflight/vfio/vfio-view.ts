import { pointer } from '../../diagnostic.ts';
import type { DevicePin } from '../../facts/device-pin.ts';
import { type PciDevice, type PciFacts, slotOf } from '../../facts/pci.ts';
import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';
import { type Binding, devicesToBind } from './devices-to-bind.ts';

/** What the checks look at. */
export type VfioView = {
  readonly desired: Desired;
  readonly pci: PciFacts;
  readonly pins: ReadonlyMap<string, DevicePin>;
  /** What `cloud-hypervisor --version` prints. */
  readonly cloudHypervisor: string | undefined;
  readonly gpus: readonly GpuUse[];
  readonly bound: ReadonlyMap<string, Binding>;
};

/** An address in `gpus` of a runtime. */
export type GpuUse = {
  readonly runtime: DesiredRuntime;
  readonly address: string;
  readonly pointer: string;
  /** undefined where the host has none. */
  readonly device: PciDevice | undefined;
};

/** A device that will be bound, and the line of the config that it comes from. */
export type BoundDevice = { readonly use: GpuUse; readonly device: PciDevice };

export function vfioView(
  desired: Desired,
  pci: PciFacts,
  pins: ReadonlyMap<string, DevicePin>,
  cloudHypervisor: string | undefined,
): VfioView {
  const gpus = desired.runtimes.flatMap((runtime) =>
    runtime.gpus.map((address, position) => ({
      runtime,
      address,
      pointer: `${runtime.source}${pointer('gpus', position)}`,
      device: pci.devices.get(address),
    })),
  );
  const bound = devicesToBind(desired, pci);
  return { desired, pci, pins, cloudHypervisor, gpus, bound };
}

/** Those that the host has, in the order of the config. */
export function boundDevices(view: VfioView): readonly BoundDevice[] {
  return [...view.bound].flatMap(([address, binding]) => {
    const device = view.pci.devices.get(address);
    const use = device && view.gpus.find((gpu) => asksFor(gpu, device, binding));
    return device === undefined || use === undefined ? [] : [{ use, device }];
  });
}

function asksFor(gpu: GpuUse, device: PciDevice, { runtime, because }: Binding): boolean {
  if (gpu.runtime.index !== runtime) return false;
  if (because === 'configured') return gpu.address === device.address;
  if (because === 'same-slot') return slotOf(gpu.address) === slotOf(device.address);
  return gpu.device?.iommuGroup === device.iommuGroup;
}

/** The GPUs that the host has. */
export function presentGpus(view: VfioView): readonly (GpuUse & { readonly device: PciDevice })[] {
  return view.gpus.flatMap(({ device, ...use }) =>
    device === undefined ? [] : [{ ...use, device }],
  );
}

/** `runtime 1: 0000:01:00.1, taken along with 0000:01:00.0,` */
export function subjectOf({ use, device }: BoundDevice): string {
  const runtime = `runtime ${use.runtime.index}`;
  if (device.address === use.address) return `${runtime}: ${device.address}`;
  return `${runtime}: ${device.address}, taken along with ${use.address},`;
}
