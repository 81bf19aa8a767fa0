import { errorAt } from '../../diagnostic.ts';
import type { PciDevice } from '../../facts/pci.ts';
import { parseChVersion } from '../../vm/version.ts';
import type { HostCheck } from './host-check.ts';
import { presentGpus } from './vfio-view.ts';

type Trouble = { readonly message: string; readonly help: string };

const NO_ROOT_PORT: Trouble = {
  message: 'has to stand behind a root port, which cloud-hypervisor does not have',
  help: 'use this card with another hypervisor',
};
const NEEDS_54: Trouble = {
  message: 'needs cloud-hypervisor 54 or newer, which maps its memory at the addresses of the host',
  help: 'install cloud-hypervisor 54 or newer',
};
const VGPU: Trouble = {
  message: 'is a vGPU, which needs the driver of NVIDIA under it and not vfio-pci',
  help: 'name the whole card: its virtual functions cannot be passed on',
};

const models: Readonly<Record<string, { readonly name: string; readonly trouble: Trouble }>> = {
  '10de:2901': { name: 'B200', trouble: NO_ROOT_PORT },
  '10de:3182': { name: 'B300', trouble: NO_ROOT_PORT },
  '10de:2941': { name: 'GB200', trouble: NEEDS_54 },
  '10de:31c2': { name: 'GB300', trouble: NEEDS_54 },
};

/** cloud-hypervisor can pass the device on. */
export const gpuSupported: HostCheck = {
  id: 'gpu-supported',
  check: (view) =>
    presentGpus(view).flatMap(({ runtime, device, pointer }) => {
      const found = troubleOf(device, view.cloudHypervisor);
      if (found === undefined) return [];
      const { name, trouble } = found;
      const message = `runtime ${runtime.index}: ${device.address}${name} ${trouble.message}`;
      return [errorAt('gpu-supported', pointer, message, trouble.help)];
    }),
};

function troubleOf(device: PciDevice, version: string | undefined) {
  if (device.vendor === '10de' && device.isVirtualFunction) return { name: '', trouble: VGPU };
  const model = models[`${device.vendor}:${device.device}`];
  if (model === undefined) return undefined;
  if (model.trouble === NEEDS_54 && isNewEnough(version)) return undefined;
  return { name: ` (${model.name})`, trouble: model.trouble };
}

/** One that is not installed is said elsewhere. */
function isNewEnough(text: string | undefined): boolean {
  const version = parseChVersion(text ?? '');
  return version === undefined || version.major >= 54;
}
