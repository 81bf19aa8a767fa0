import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { boundDevices, subjectOf } from './vfio-view.ts';

/** Nothing that the host works with is taken from it. */
export const deviceInUse: HostCheck = {
  id: 'device-in-use',
  check: (view) =>
    boundDevices(view)
      .filter(({ device }) => device.inUse.length > 0)
      .map((bound) => {
        const { inUse, address } = bound.device;
        const message = `${subjectOf(bound)} is in use by the host`;
        const isNamed = view.bound.get(address)?.because !== 'same-slot';
        const leave = isNamed ? `leave ${address} out of the config, or ` : '';
        const help = `${leave}take it out of use first`;
        return { ...errorAt('device-in-use', bound.use.pointer, message, help), detail: inUse };
      }),
};
