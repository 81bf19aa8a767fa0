import { keyName } from '../config/show-value.ts';
import { errorAt, withNote } from '../diagnostic.ts';
import { firstUses, gpuUses } from './gpu-uses.ts';
import type { Rule } from './rule.ts';

/** All functions of one PCI device are in the same runtime, unless `vfio.allow_group_members` lists them. */
export const gpuFunctionsTogether: Rule = {
  id: 'gpu-functions-together',
  check: ({ runtimes, allowedGroupMembers }) => {
    const first = firstUses(runtimes, device);
    const owners = firstUses(runtimes, (address) => address);
    return gpuUses(runtimes).flatMap(({ gpu, runtime }) => {
      const other = first.get(device(gpu.address));
      // The same address twice is the business of `gpu-assigned-once`.
      if (owners.get(gpu.address)?.runtime !== runtime) return [];
      if (other === undefined || other.runtime === runtime) return [];
      const pair = [gpu.address, other.gpu.address];
      if (pair.every((address) => allowedGroupMembers.has(address))) return [];
      const apart = errorAt(
        'gpu-functions-together',
        gpu.pointer,
        `${keyName(gpu.pointer)}: ${gpu.address} is on the same device as ${other.gpu.address} of ${other.runtime.label}`,
        'the functions of a device cannot be isolated from each other: put them in one runtime',
      );
      return [withNote(apart, other.gpu.pointer, 'the other function is here')];
    });
  },
};

function device(address: string): string {
  return address.slice(0, address.lastIndexOf('.'));
}
