import { errorAt } from '../../diagnostic.ts';
import { className } from '../../facts/pci-class.ts';
import { isBridge } from '../../facts/pci-driver.ts';
import { isChipset } from './devices-to-bind.ts';
import type { HostCheck } from './host-check.ts';
import { presentGpus } from './vfio-view.ts';

/** A configured device is a card, not what cards hang on. */
export const gpuIsEndpoint: HostCheck = {
  id: 'gpu-is-endpoint',
  check: (view) =>
    presentGpus(view)
      .filter(({ device }) => isBridge(device) || isChipset(device))
      .map(({ runtime, device, pointer }) =>
        errorAt(
          'gpu-is-endpoint',
          pointer,
          `runtime ${runtime.index}: ${device.address} is a ${className(device.classCode)}, which cannot be passed on`,
          'name the card behind it: `lspci -D -t` shows what hangs on what',
        ),
      ),
};
