import type { PciDevice } from '../../facts/pci.ts';
import { ranges } from '../../placement/place.ts';
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
    return alike(partsOf(view, board, switches)).map((parts) => {
      const [{ pointer, gpus, taken }] = parts;
      const message = `${have(parts)} ${gpus} of the ${board.length} GPUs that NVSwitches join and ${taken} of the ${switches.length} NVSwitches`;
      return warningAt('nvswitch-partition', pointer, message, help(taken, switches));
    });
  },
};

/** What a runtime has of a board. */
type Part = {
  readonly index: number;
  readonly pointer: string;
  readonly gpus: number;
  readonly taken: number;
};

function partsOf(
  view: VfioView,
  board: readonly PciDevice[],
  switches: readonly PciDevice[],
): readonly Part[] {
  return view.desired.runtimes.flatMap((runtime) => {
    const own = new Set(runtime.gpus);
    const first = presentGpus(view).find(
      (gpu) => gpu.runtime === runtime && board.includes(gpu.device),
    );
    const gpus = board.filter(({ address }) => own.has(address)).length;
    const taken = switches.filter(({ address }) => own.has(address)).length;
    const isWhole = gpus === board.length && taken === switches.length;
    if (first === undefined || isWhole) return [];
    return [{ index: runtime.index, pointer: first.pointer, gpus, taken }];
  });
}

type Parts = readonly [Part, ...Part[]];

/** Eight runtimes with a GPU each are said once. */
function alike(parts: readonly Part[]): readonly Parts[] {
  const found = new Map<string, Parts>();
  for (const part of parts) {
    const key = `${part.gpus} ${part.taken}`;
    const before = found.get(key);
    found.set(key, before === undefined ? [part] : [...before, part]);
  }
  return [...found.values()];
}

function have(parts: Parts): string {
  const [first, ...others] = parts;
  if (others.length === 0) return `runtime ${first.index} has`;
  return `runtimes ${ranges(parts.map(({ index }) => index).sort((a, b) => a - b))} have each`;
}

function help(taken: number, switches: readonly PciDevice[]): string {
  const addresses = switches.map(({ address }) => address).sort();
  const whole = `give one runtime all of these GPUs and all NVSwitches, which go into its gpus too: ${addresses.join(', ')}`;
  if (taken > 0) return `${whole}; with a part of the switches no VM gets NVLink`;
  return [
    'before the VM starts, activate a partition of its GPUs in the fabric manager of the host (FABRIC_MODE=1), or CUDA in the guest fails with error 802, system not yet initialized',
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
