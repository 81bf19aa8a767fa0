import type { PciDevice } from '../facts/pci.ts';
import { groupMembers, slotOf } from '../facts/pci.ts';
import { className } from '../facts/pci-class.ts';
import { isBridge } from '../facts/pci-driver.ts';
import { isGpuLike } from '../preflight/vfio/gpu-class.ts';
import type { Check } from './check.ts';
import { counted, hasFinding, listed, type PrecheckView, pciOf, wantedDevices } from './view.ts';

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
  if (devices.length > 0) {
    const whose = view.config.kind === 'valid' ? 'configured' : 'found';
    const message = `${counted(devices.length, 'device')} ${whose}: ${models(devices)}`;
    return { ...base, verdict: 'info', message };
  }
  if (view.config.kind === 'valid') {
    const message = 'the config gives no GPU to a runtime';
    return { ...base, verdict: 'info', message };
  }
  const message = 'this host has no GPU that could be passed on';
  const remedy = [
    'lspci -D | grep -Ei "3d|vga|display|accelerat"; a card that is not listed is not powered, or off in the firmware',
  ];
  return { ...base, verdict: 'warn', message, remedy };
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
  const message = `${listed(displays)} is the display that this host was booted with, and stays with it`;
  return [{ id: 'boot-display', subsystem: ofGpus, verdict: 'info', message }];
}

function isolation(view: PrecheckView, devices: readonly PciDevice[]): readonly Check[] {
  const rules = ['iommu-on', 'iommu-group-viable', 'group-one-runtime', 'gpu-present'];
  if (!pciOf(view).hasIommu || hasFinding(view, ...rules)) return [];
  const alone = devices.filter((device) => neighbours(view, device) === 0).length;
  const shared = devices.length - alone;
  const message =
    shared === 0
      ? 'each is in an IOMMU group with nothing but itself, functions of its card and bridges'
      : `${alone} in an IOMMU group of their own, ${shared} with others that go to the same VM or have no driver`;
  return [{ id: 'gpu-isolation', subsystem: ofGpus, verdict: 'pass', message }];
}

function neighbours(view: PrecheckView, device: PciDevice): number {
  const { iommuGroup, address } = device;
  if (iommuGroup === undefined) return 0;
  return groupMembers(pciOf(view), iommuGroup).filter(
    (member) => slotOf(member.address) !== slotOf(address) && !isBridge(member),
  ).length;
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
