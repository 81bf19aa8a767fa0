import { keyName } from '../config/show-value.ts';
import { errorAt } from '../diagnostic.ts';
import { firstUses, gpuUses } from './gpu-uses.ts';
import type { Rule } from './rule.ts';

/** A GPU is in one runtime only. */
export const gpuAssignedOnce: Rule = {
  id: 'gpu-assigned-once',
  check: ({ runtimes }) => {
    const first = firstUses(runtimes, (address) => address);
    return gpuUses(runtimes).flatMap(({ gpu, runtime }) => {
      const owner = first.get(gpu.address)?.runtime;
      // Twice in one runtime is the schema's `duplicate-item`.
      if (owner === undefined || owner === runtime) return [];
      const text = `${keyName(gpu.pointer)}: ${gpu.address} is already used by ${owner.label}`;
      return [errorAt('gpu-assigned-once', gpu.pointer, text, 'a GPU goes to one runtime only')];
    });
  },
};
