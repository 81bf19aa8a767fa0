import { argumentsOf } from './arguments.ts';
import type { CheckedLlama } from './check.ts';
import { controlOf } from './control.ts';
import type { LlamaInstance, ModelFile } from './instance.ts';
import type { CheckedInstance } from './rules/rule.ts';
import { servedModel } from './served-model.ts';
import { lastUse } from './uses.ts';

const PROGRAM = 'llama-server';

/** The instances that are to run, in the order of the file. The file has been checked. */
export function resolveLlama({ draft, instances, table }: CheckedLlama): readonly LlamaInstance[] {
  return instances.map((instance) => {
    const { arguments: words, shownArguments, launch } = argumentsOf(instance, table);
    return {
      name: instance.name,
      source: instance.pointer,
      executable: draft.executable ?? PROGRAM,
      control: controlOf(instance),
      arguments: words,
      shownArguments,
      launch,
      endpoint: instance.endpoint,
      modelFiles: modelFiles(instance),
      serves: servedModel(instance),
    };
  });
}

/** Options that name what is downloaded to the file of `--model` where it is not there. */
const DOWNLOADS = ['--model-url', '--hf-repo', '--docker-repo'];

function modelFiles(instance: CheckedInstance): readonly ModelFile[] {
  const use = lastUse(instance, '--model');
  const isDownloaded = DOWNLOADS.some((name) => lastUse(instance, name) !== undefined);
  if (use?.value === undefined || isDownloaded) return [];
  return [{ path: use.value, pointer: use.pointer }];
}
