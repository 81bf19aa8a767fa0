import { keyName } from '../config/show-value.ts';
import { errorAt, withNote } from '../diagnostic.ts';
import { firstUses, gpuUses } from './gpu-uses.ts';
import type { Rule } from './rule.ts';

/** A GPU is in one runtime only. */
export const gpuAssignedOnce: Rule = {
  id: 'gpu-assigned-once',
  check: ({ runtimes }) => {
    const first = firstUses(runtimes, (address) => address);
    return gpuUses(runtimes).flatMap(({ gpu, runtime }) => {
      const other = first.get(gpu.address);
      // Twice in one runtime is the schema's `duplicate-item`.
      if (other === undefined || other.runtime === runtime) return [];
      const text = `${keyName(gpu.pointer)}: ${gpu.address} is already used by ${other.runtime.label}`;
      const help = 'a GPU goes to one runtime only: remove it from one of them';
      const repeat = errorAt('gpu-assigned-once', gpu.pointer, text, help);
      return [withNote(repeat, other.gpu.pointer, 'first used here')];
    });
  },
};
