import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { boundDevices, subjectOf } from './vfio-view.ts';

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
          `${subjectOf(bound)} is the display that this host was booted with`,
          'choose another display in the firmware, that of the BMC for example, and reboot',
        ),
      ),
};
