import { type Diagnostic, errorAt } from '../../diagnostic.ts';
import type { LlamaFacts } from '../../facts/llama-facts.ts';
import type { LlamaInstance, ModelFile } from '../../llama/instance.ts';
import { missingModel } from '../../llama/run/model-files.ts';
import { shardsOf } from '../../llama/shards.ts';
import { isPlainPath } from '../../plan/manifest.ts';
import { pastedWord } from '../../shell-word.ts';
import { orAsAnother, whoRuns } from './who-runs.ts';

/** Models are files of this host, all shards of them, and the account may read them. */
export function modelChecks(
  { name, modelFiles }: LlamaInstance,
  facts: LlamaFacts,
): readonly Diagnostic[] {
  return modelFiles.flatMap((model) => {
    const problem = unreadable(model, facts);
    if (problem === undefined) return missingModel(model, (path) => isThere(path, facts)) ?? [];
    const [message, help] = problem;
    const text = `instance ${name}: ${message}`;
    return [errorAt('llama-model-readable', model.pointer, text, help)];
  });
}

function isThere(path: string, { modelFiles }: LlamaFacts): boolean {
  const state = modelFiles.get(path);
  return state === 'ok' || state === 'refused';
}

function unreadable(
  { path }: ModelFile,
  facts: LlamaFacts,
): readonly [message: string, help: string] | undefined {
  if (!isPlainPath(path)) {
    const help = 'a unit has no directory of its own: name it from / on, without . and ..';
    return [`the model ${path} is no plain absolute path`, help];
  }
  const refused = shardsOf(path).find((file) => facts.modelFiles.get(file) === 'refused');
  if (refused === undefined) return undefined;
  return [
    `${refused} may not be read by ${whoRuns(facts)}`,
    `\`namei -l ${pastedWord(refused)}\` shows where it is closed: chmod a+r the file and a+x each directory${orAsAnother(facts)}`,
  ];
}
