import { errorAt } from '../../diagnostic.ts';
import type { HostCheck } from './host-check.ts';
import { PART } from './part-group.ts';
import { type BoundDevice, boundDevices, subjectOf, type VfioView } from './vfio-view.ts';
import { wayOut } from './way-out.ts';

/** Nothing that the host works with is taken from it. */
export const deviceInUse: HostCheck = {
  id: 'device-in-use',
  check: (view) =>
    boundDevices(view)
      .filter(({ device }) => device.inUse.length > 0)
      .map((bound) => {
        const message = `${subjectOf(bound)} is in use by the host`;
        const help = remedy(view, bound);
        const detail = bound.device.inUse;
        return { ...errorAt('device-in-use', bound.use.pointer, message, help), detail };
      }),
};

/** Nobody is asked to take the way out of the host down. */
function remedy(view: VfioView, bound: BoundDevice): string {
  const way = wayOut(view, bound.device);
  const leave = leaveOut(view, bound);
  if (way === undefined) return ['take it out of use first', ...leave].join(', or ');
  const { address } = bound.use;
  const isBeside = view.bound.get(bound.device.address)?.because === 'allowed';
  return [
    `it cannot leave the host: ${way}`,
    ...leave,
    ...(isBeside ? [`to pass ${address} on, ${PART}`] : []),
  ].join('\n');
}

/** What the config has to say instead. A device beside a GPU in its group stays only together with that GPU. */
function leaveOut({ bound }: VfioView, { use, device }: BoundDevice): readonly string[] {
  switch (bound.get(device.address)?.because) {
    case 'configured':
      return [`take ${device.address} out of gpus`];
    case 'allowed':
      return [
        `take ${device.address} out of vfio.allow_group_members and ${use.address} out of gpus`,
      ];
    case 'same-slot':
      return [`take ${use.address} out of gpus`];
    case undefined:
      return [];
  }
}
