import { counted } from '../counted.ts';
import type { PciDevice } from '../facts/pci.ts';
import { groupMembers, slotOf } from '../facts/pci.ts';
import { className } from '../facts/pci-class.ts';
import { isBridge } from '../facts/pci-driver.ts';
import { isGpuLike } from '../preflight/vfio/gpu-class.ts';
import { isGpu } from '../topology/roles.ts';
import type { Check } from './check.ts';
import {
  hasFinding,
  listed,
  namedDevices,
  type PrecheckView,
  pciOf,
  wantedDevices,
} from './view.ts';

/** The GPUs of the config, or all of the host. What speaks against one is said by preflight. */
export function gpuChecks(view: PrecheckView): readonly Check[] {
  const devices = wantedDevices(view);
  return [
    found(view, devices),
    ...bootDisplays(view),
    ...(devices.length === 0
      ? []
      : [...isolation(view, devices), ...reset(view, devices), ...bars(devices)]),
  ];
}

const ofGpus = 'gpus' as const;

function found(view: PrecheckView, devices: readonly PciDevice[]): Check {
  const base = { id: 'gpus-found', subsystem: ofGpus } as const;
  if (view.config.kind === 'valid') {
    return { ...base, verdict: 'info', ...configured(view, devices) };
  }
  if (devices.length > 0) {
    const message = `${counted(devices.length, 'device')} found: ${models(devices)}`;
    return { ...base, verdict: 'info', message };
  }
  // Said by `gpus-usable`.
  if ([...pciOf(view).devices.values()].some(isGpu)) {
    const message = 'no GPU of the host is free to be passed on';
    return { ...base, verdict: 'info', message };
  }
  const message = 'the host has no GPU';
  const remedy = [
    'lspci -D | grep -Ei "3d|vga|display|accelerat"; a card that is not listed is not powered, or off in the firmware',
  ];
  return { ...base, verdict: 'warn', message, remedy };
}

/** What is missing is said by preflight; what the host has instead helps to correct the config. */
function configured(
  view: PrecheckView,
  devices: readonly PciDevice[],
): Pick<Check, 'message' | 'remedy'> {
  const named = namedDevices(view);
  if (named.length === 0) return { message: 'the config gives no GPU to a runtime' };
  if (devices.length === named.length) {
    return { message: `${counted(devices.length, 'device')} configured: ${models(devices)}` };
  }
  const gpus = [...pciOf(view).devices.values()].filter(isGpu).map(({ address }) => address);
  const remedy = [
    gpus.length === 0 ? 'the host has no GPU' : `the GPUs of the host: ${listed(gpus.sort())}`,
  ];
  if (named.length === 1)
    return { message: 'the configured device is no card of the host', remedy };
  const all = `of ${named.length} configured devices`;
  if (devices.length === 0) return { message: `none ${all} is a card of the host`, remedy };
  const message = `${devices.length} ${all} ${devices.length === 1 ? 'is a card' : 'are cards'} of the host: ${models(devices)}`;
  return { message, remedy };
}

function models(devices: readonly PciDevice[]): string {
  const counts = new Map<string, number>();
  for (const { vendor, device, classCode } of devices) {
    const name = `${vendor}:${device} ${className(classCode)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}

function bootDisplays(view: PrecheckView): readonly Check[] {
  if (view.config.kind === 'valid') return [];
  const displays = [...view.machine.bootDisplays];
  if (displays.length === 0) return [];
  const message = `${listed(displays)} is the display that the host was booted with, and stays with it`;
  return [{ id: 'boot-display', subsystem: ofGpus, verdict: 'info', message }];
}

function isolation(view: PrecheckView, devices: readonly PciDevice[]): readonly Check[] {
  const rules = [
    'iommu-on',
    'iommu-group-viable',
    'group-one-runtime',
    'gpu-present',
    'gpu-is-endpoint',
    'device-in-use',
  ];
  if (!pciOf(view).hasIommu || hasFinding(view, ...rules)) return [];
  const shared = devices.filter((device) => neighbours(view, device).length > 0);
  const message =
    shared.length === 0
      ? 'each is in an IOMMU group with nothing but itself, functions of its card and bridges'
      : [
          ...(devices.length === shared.length
            ? []
            : [`${devices.length - shared.length} in an IOMMU group of their own`]),
          `${shared.length} in a group with others: ${beside(view, shared)}`,
        ].join(', ');
  return [{ id: 'gpu-isolation', subsystem: ofGpus, verdict: 'pass', message }];
}

function neighbours(view: PrecheckView, device: PciDevice): readonly string[] {
  const { iommuGroup, address } = device;
  if (iommuGroup === undefined) return [];
  return groupMembers(pciOf(view), iommuGroup)
    .filter((member) => slotOf(member.address) !== slotOf(address) && !isBridge(member))
    .map((member) => member.address);
}

function beside(view: PrecheckView, shared: readonly PciDevice[]): string {
  const named = new Set([...namedDevices(view), ...view.desired.vfio.allowGroupMembers]);
  const cards = new Set(namedDevices(view).map(slotOf));
  const others = [...new Set(shared.flatMap((device) => neighbours(view, device)))].sort();
  const goesAlong = (address: string) => named.has(address) || cards.has(slotOf(address));
  const along = others.filter(goesAlong);
  const idle = others.filter((address) => !goesAlong(address));
  return [
    ...(along.length === 0 ? [] : [`${listed(along)} taken along to the same VM`]),
    ...(idle.length === 0 ? [] : [`${listed(idle)} without a driver of the host`]),
  ].join('; ');
}

function reset(view: PrecheckView, devices: readonly PciDevice[]): readonly Check[] {
  if (hasFinding(view, 'gpu-reset') || view.facts.pci === undefined) return [];
  const ways = [...new Set(devices.map(({ resetMethods }) => resetMethods.join(' ')))].sort();
  const message = `each can be reset between two guests (${ways.join('; ')})`;
  return [{ id: 'gpu-reset', subsystem: ofGpus, verdict: 'pass', message }];
}

const LARGE_BYTES = 2 ** 28;

/** The memory of a GPU shows as a window of at least 256 MiB; without one its driver cannot work. */
function bars(devices: readonly PciDevice[]): readonly Check[] {
  const base = { id: 'gpu-bars', subsystem: ofGpus } as const;
  const gpus = devices.filter((device) => isGpuLike(device) && !device.classCode.startsWith('06'));
  const small = gpus.filter(
    (device) => !device.bars.some(({ sizeBytes }) => sizeBytes >= LARGE_BYTES),
  );
  if (gpus.length === 0) return [];
  if (small.length === 0) {
    const message = 'each has the large window to its memory mapped';
    return [{ ...base, verdict: 'pass', message }];
  }
  const message = `${listed(small.map(({ address }) => address))}: no window of 256 MiB or more to its memory is mapped`;
  const remedy = [
    'in the firmware, switch on Above 4G Decoding (also: Memory Mapped I/O above 4 GB, Large BAR); Resizable BAR and SR-IOV need it too',
  ];
  return [{ ...base, verdict: 'warn', message, remedy }];
}
