import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { movedTo } from './moved-to.ts';

/** Every configured device is there. */
export const gpuPresent: HostCheck = {
  id: 'gpu-present',
  check: (view) =>
    view.gpus.flatMap(({ runtime, address, pointer, device }) => {
      if (device !== undefined) return [];
      const message = `runtime ${runtime.index}: the host has no PCI device ${address}`;
      const moved = movedTo(view, view.pins.get(address)?.identity);
      const help =
        'list the devices with `lspci -D`; addresses move when cards are added or removed';
      return [errorAt('gpu-present', pointer, message, moved ?? help)];
    }),
};
