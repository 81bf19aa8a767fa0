import { argumentsOf } from './arguments.ts';
import type { CheckedLlama } from './check.ts';
import { controlOf } from './control.ts';
import type { LlamaInstance, ModelFile } from './instance.ts';
import type { OptionTable } from './options/option-table.ts';
import { lastUse, type OptionUse } from './uses.ts';

const PROGRAM = 'llama-server';

/** The instances that are to run, in the order of the file. The file has been checked. */
export function resolveLlama({ draft, instances, table }: CheckedLlama): readonly LlamaInstance[] {
  return instances.map((instance) => ({
    name: instance.name,
    source: instance.pointer,
    executable: draft.executable ?? PROGRAM,
    control: controlOf(instance),
    ...argumentsOf(instance, table),
    endpoint: instance.endpoint,
    modelFiles: modelFiles(instance.uses, table),
  }));
}

function modelFiles(uses: readonly OptionUse[], table: OptionTable): readonly ModelFile[] {
  const use = lastUse(uses, '--model', table);
  // Downloaded to this file where it is not there.
  const isDownloaded = ['--model-url', '--hf-repo', '--docker-repo'].some(
    (name) => lastUse(uses, name, table) !== undefined,
  );
  if (use?.value === undefined || isDownloaded) return [];
  return [{ path: use.value, pointer: use.pointer }];
}
