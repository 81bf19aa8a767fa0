import type { GpuDraft, RuntimeDraft } from './draft.ts';

export type GpuUse = { readonly gpu: GpuDraft; readonly runtime: RuntimeDraft };

/** The first use by any runtime of each key that `keyOf` makes of an address. */
export function firstUses(
  runtimes: readonly RuntimeDraft[],
  keyOf: (address: string) => string,
): ReadonlyMap<string, GpuUse> {
  const first = new Map<string, GpuUse>();
  for (const use of gpuUses(runtimes)) {
    const key = keyOf(use.gpu.address);
    if (!first.has(key)) first.set(key, use);
  }
  return first;
}

export function gpuUses(runtimes: readonly RuntimeDraft[]): readonly GpuUse[] {
  return runtimes.flatMap((runtime) => runtime.gpus.map((gpu) => ({ gpu, runtime })));
}
