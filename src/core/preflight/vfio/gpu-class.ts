import { errorAt } from '../../diagnostic.ts';
import type { PciDevice } from '../../facts/pci.ts';
import { className } from '../../facts/pci-class.ts';
import { isBridge } from '../../facts/pci-driver.ts';
import { isChipset } from './devices-to-bind.ts';
import type { HostCheck } from './host-check.ts';
import { type BoundDevice, boundDevices, subjectOf } from './vfio-view.ts';

/** Displays, accelerators and NVSwitches. */
const GPU_CLASSES = ['03', '12', '0680'];
/** What comes with them: sound, USB, the controller of a USB-C port. */
const COMPANION_CLASSES = ['0403', '0c03', '0c80'];
/** The host may live on these. */
const HOST_CLASSES = ['01', '02'];

/** A network, storage or unknown device goes to a VM only where the config says so twice. */
export const gpuClass: HostCheck = {
  id: 'gpu-class',
  check: (view) => {
    const allowed = new Set(view.desired.vfio.allowGroupMembers);
    return boundDevices(view)
      .filter((bound) => !allowed.has(bound.device.address) && isUnexpected(bound))
      .map((bound) => {
        const { address, classCode } = bound.device;
        return errorAt(
          'gpu-class',
          bound.use.pointer,
          `${subjectOf(bound)} is no GPU: ${className(classCode)}, class ${classCode.slice(0, 4)}`,
          `if a VM is to have it, add "${address}" to vfio.allow_group_members as well`,
        );
      });
  },
};

/** Any other function of a card comes along with it, but none that the host may live on. */
function isUnexpected({ use, device }: BoundDevice): boolean {
  if (device.address !== use.address) return hasClass(device, HOST_CLASSES);
  const isOther = isBridge(device) || isChipset(device);
  return !isOther && !isGpuLike(device) && !hasClass(device, COMPANION_CLASSES);
}

/** Something a runtime would name for its own sake. */
export function isGpuLike(device: PciDevice): boolean {
  return hasClass(device, GPU_CLASSES);
}

function hasClass({ classCode }: PciDevice, classes: readonly string[]): boolean {
  return classes.some((start) => classCode.startsWith(start));
}
