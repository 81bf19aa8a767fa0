import { errorAt } from '../../diagnostic.ts';
import { identityOf } from '../../facts/device-pin.ts';
import type { HostCheck } from './host-check.ts';
import { movedTo } from './moved-to.ts';
import { boundDevices, subjectOf } from './vfio-view.ts';

const ACCEPT = 'if the card was replaced, vfio.identity_lock = false accepts what is there now';

/** At an address stands what stood there when it was first bound. */
export const gpuIdentity: HostCheck = {
  id: 'gpu-identity',
  check: (view) =>
    boundDevices(view).flatMap((bound) => {
      const pinned = view.pins.get(bound.device.address)?.identity;
      const found = identityOf(bound.device);
      if (!view.desired.vfio.identityLock || pinned === undefined || pinned === found) return [];
      const message = `${subjectOf(bound)} is ${found} now, the last install found ${pinned} there`;
      const help = [movedTo(view, pinned), ACCEPT].filter((line) => line !== undefined);
      return [errorAt('gpu-identity', bound.use.pointer, message, help.join('\n'))];
    }),
};
