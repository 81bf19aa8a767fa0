import { type Diagnostic, errorAt } from '../../diagnostic.ts';
import type { LlamaFacts, PathState } from '../../facts/llama-facts.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import { isPlainPath } from '../../plan/manifest.ts';
import { pastedWord } from '../../shell-word.ts';
import { whoRuns } from './who-runs.ts';

const AT = '/master/llama_cpp_path';

/** All instances have one; told once. */
export function executableChecks(
  instances: readonly LlamaInstance[],
  facts: LlamaFacts,
): readonly Diagnostic[] {
  return [...new Set(instances.map(({ executable }) => executable))].flatMap((path) => {
    const problem = problemOf(path, facts);
    return problem === undefined ? [] : [errorAt('llama-executable', AT, ...problem)];
  });
}

function problemOf(
  path: string,
  facts: LlamaFacts,
): readonly [message: string, help: string] | undefined {
  const isName = /^\w[\w.+-]*$/.test(path);
  if (!isName && !isPlainPath(path)) {
    return [
      `${path} is neither a plain absolute path nor the name of a program`,
      'name it from / on, without . and ..',
    ];
  }
  const state: PathState = facts.executables.get(path) ?? 'absent';
  if (state === 'ok') return undefined;
  if (state === 'absent') return absentProblem(path, isName);
  if (state !== 'refused') return [`${path} is a directory`, 'name the program in it'];
  return [
    `${path} may not be run by ${whoRuns(facts)}`,
    `sudo chmod a+rx ${pastedWord(path)}, and a+x each directory above it; \`namei -l ${pastedWord(path)}\` shows them`,
  ];
}

function absentProblem(path: string, isName: boolean): readonly [message: string, help: string] {
  const where = isName ? 'systemd finds no program' : 'there is no';
  return [
    `${where} ${path} on this host`,
    'install llama.cpp, or name its llama-server with llama_cpp_path in [master]',
  ];
}
