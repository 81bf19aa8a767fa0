import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { movedTo } from './moved-to.ts';

/** Every configured device is there, and answers. */
export const gpuPresent: HostCheck = {
  id: 'gpu-present',
  check: (view) =>
    view.gpus.flatMap(({ runtime, address, pointer, device }) => {
      if (device?.isSilent === true) {
        const message = `runtime ${runtime.index}: ${address} answers nothing: every byte of its configuration space reads ff`;
        return [errorAt('gpu-present', pointer, message, FALLEN)];
      }
      if (device !== undefined) return [];
      const message = `runtime ${runtime.index}: the host has no PCI device ${address}`;
      const moved = movedTo(view, view.pins.get(address)?.identity);
      const help =
        'list the devices with `lspci -D`; addresses move when cards are added or removed';
      return [errorAt('gpu-present', pointer, message, moved ?? help)];
    }),
};

const FALLEN =
  'it has fallen off the bus, and `dmesg` says when: switch the host off and on; seat the card and its power again where it stays so';
