import type { PciDevice } from '../../facts/pci.ts';
import type { DesiredRuntime } from '../../resolve/desired.ts';
import { warningAt } from '../check.ts';
import type { HostCheck } from './host-check.ts';
import { presentGpus, type VfioView } from './vfio-view.ts';

const NVIDIA = '10de';

/** GPUs that NVSwitches join go to a VM together with all of these, or as a partition that the host makes. */
export const nvswitchPartition: HostCheck = {
  id: 'nvswitch-partition',
  check: (view) => {
    const switches = ofNvidia(view, '0680');
    if (switches.length === 0) return [];
    const board = mostFrequentModel(ofNvidia(view, '0302'));
    return view.desired.runtimes.flatMap((runtime) => {
      const own = new Set(runtime.gpus);
      const first = presentGpus(view).find(
        (gpu) => gpu.runtime === runtime && board.includes(gpu.device),
      );
      const gpus = board.filter(({ address }) => own.has(address)).length;
      const taken = switches.filter(({ address }) => own.has(address)).length;
      const isWhole = gpus === board.length && taken === switches.length;
      if (first === undefined || isWhole) return [];
      const message = `${has(runtime, gpus, board.length)} and ${taken} of the ${switches.length} NVSwitches`;
      return [warningAt('nvswitch-partition', first.pointer, message, help(taken))];
    });
  },
};

function has({ index }: DesiredRuntime, gpus: number, all: number): string {
  return `runtime ${index} has ${gpus} of the ${all} GPUs that NVSwitches join`;
}

function help(taken: number): string {
  const whole = 'give one runtime all of these GPUs and all NVSwitches';
  if (taken > 0) return `${whole}; with a part of the switches no VM gets NVLink`;
  return [
    'before the VM starts, activate a partition of these GPUs in the fabric manager of the host',
    '(FABRIC_MODE=1), or CUDA in the guest fails with error 802, system not yet initialized;',
    `or ${whole}`,
  ].join('\n');
}

function ofNvidia({ pci }: VfioView, classStart: string): readonly PciDevice[] {
  return [...pci.devices.values()].filter(
    ({ vendor, classCode, isVirtualFunction }) =>
      vendor === NVIDIA && classCode.startsWith(classStart) && !isVirtualFunction,
  );
}

/** The GPUs of one board are alike; a card in a slot beside it is not joined. */
function mostFrequentModel(gpus: readonly PciDevice[]): readonly PciDevice[] {
  return gpus
    .map(({ device }) => gpus.filter((other) => other.device === device))
    .reduce<readonly PciDevice[]>((most, alike) => (alike.length > most.length ? alike : most), []);
}
