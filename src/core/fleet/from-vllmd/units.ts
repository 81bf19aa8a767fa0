import type { ConfigInput } from '../../config/config-input.gen.ts';
import type { Endpoint, LlamaInstance } from '../../llama/instance.ts';
import { llamaUnit, runtimeUnit } from '../../resolve/layout.ts';

/** A unit that vllmd has installed, and what there is to know of what it runs. */
export type VllmdUnit = {
  readonly name: string;
  readonly unit: string;
  /** Of its model; undefined where the file does not name one. */
  readonly path: string | undefined;
  /** Where it listens, on its host; undefined where that is not known. */
  readonly endpoint: Endpoint | undefined;
};

/** The units of llama.cpp instances. */
export function unitsOfInstances(instances: readonly LlamaInstance[]): readonly VllmdUnit[] {
  return instances.map(({ name, modelFiles, endpoint }) => ({
    ...{ name, endpoint, unit: llamaUnit(name) },
    path: modelFiles[0]?.path,
  }));
}

/** The units of virtual machines; what runs in them is a matter of their guests. */
export function unitsOfRuntimes({ runtimes }: Pick<ConfigInput, 'runtimes'>): readonly VllmdUnit[] {
  return (runtimes ?? [])
    .map(({ index, name }) => ({
      ...{ name, unit: runtimeUnit(index), path: undefined, endpoint: undefined },
      index,
    }))
    .toSorted((a, b) => a.index - b.index)
    .map(({ index: _, ...unit }) => unit);
}
