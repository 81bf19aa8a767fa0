import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { boundDevices, subjectOf } from './vfio-view.ts';

/** No virtual functions vanish because the card under them is taken. */
export const virtualFunctionsOff: HostCheck = {
  id: 'virtual-functions-off',
  check: (view) =>
    boundDevices(view)
      .filter(({ device }) => device.virtualFunctions > 0)
      .map((bound) =>
        errorAt(
          'virtual-functions-off',
          bound.use.pointer,
          `${subjectOf(bound)} has ${bound.device.virtualFunctions} virtual functions switched on, which would vanish`,
          `name virtual functions in gpus, or switch them off: echo 0 | sudo tee /sys/bus/pci/devices/${bound.device.address}/sriov_numvfs`,
        ),
      ),
};
