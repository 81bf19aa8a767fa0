import type { Materials } from '../render/materials.ts';
import type { Origin, Variable } from './variable.ts';

type HostOrigin = Extract<Origin, { readonly kind: 'host' }>;

/** A fact in words, where to see it, and what else it could be; `far` are values altogether different. */
export function fact(
  { name, what, where }: Omit<HostOrigin, 'kind'>,
  near: () => readonly Materials[],
  far: () => readonly Materials[] = () => [],
): Variable {
  return {
    origin: { kind: 'host', name, what, where },
    variants: () => [
      ...near().map((materials) => ({ materials, reach: 'near' as const, isRemoval: false })),
      ...far().map((materials) => ({ materials, reach: 'far' as const, isRemoval: false })),
    ],
  };
}
