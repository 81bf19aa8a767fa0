import { errorAt, withNote } from '../../diagnostic.ts';
import { groupTree } from './group-tree.ts';
import type { HostCheck } from './host-check.ts';
import { PART } from './part-group.ts';
import { presentGpus } from './vfio-view.ts';

/** An IOMMU group goes to one runtime only. */
export const groupOneRuntime: HostCheck = {
  id: 'group-one-runtime',
  check: (view) => {
    const gpus = presentGpus(view);
    return gpus.flatMap(({ runtime, address, pointer, device }) => {
      const group = device.iommuGroup;
      const first = gpus.find((other) => group !== undefined && other.device.iommuGroup === group);
      if (group === undefined || first === undefined || first.runtime === runtime) return [];
      const message = `runtime ${runtime.index}: ${address} shares IOMMU group ${group} with ${first.address} of runtime ${first.runtime.index}`;
      const help = [
        'a group can be open in one VM only: put both devices into one runtime',
        `or part them: ${PART}`,
      ].join('\n');
      const shared = errorAt('group-one-runtime', pointer, message, help);
      const detail = groupTree(view, group);
      return [{ ...withNote(shared, first.pointer, 'the other device is here'), detail }];
    });
  },
};
