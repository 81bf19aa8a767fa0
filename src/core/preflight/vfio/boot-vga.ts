import { errorAt } from '../../diagnostic.ts';
import { isGpu } from '../../topology/roles.ts';
import type { HostCheck } from './host-check.ts';
import { type BoundDevice, boundDevices, subjectOf } from './vfio-view.ts';

export const OTHER_DISPLAY =
  'choose another display in the firmware, that of the BMC for example, and reboot; a host without one needs a second card';

/** The display that the firmware booted with stays with the host. */
export const bootVga: HostCheck = {
  id: 'boot-vga',
  check: (view) =>
    boundDevices(view)
      .filter(({ device }) => device.isBootVga)
      .map((bound) =>
        errorAt(
          'boot-vga',
          bound.use.pointer,
          `${subjectOf(bound)} is the display that the host was booted with`,
          remedy(bound),
        ),
      ),
};

function remedy({ use, device }: BoundDevice): string {
  if (isGpu(device) || device.address !== use.address) {
    return OTHER_DISPLAY;
  }
  return `take ${use.address} out of gpus: it shows the console of the host (a BMC has such a display), and is no GPU`;
}
