import type { Mode } from '../config/mode.ts';
import type { TomlTree } from '../config/toml-tree.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { draftOf, enabledInstances, type LlamaDraft } from './draft.ts';
import { endpointOf } from './endpoint.ts';
import { llamaDiagnostic } from './messages.ts';
import type { OptionTable } from './options/option-table.ts';
import { checkLlamaRules } from './rules/rules.ts';
import { usesOf } from './uses.ts';
import { validateLlama } from './validate-llama.gen.ts';
import { viewOf } from './view.ts';

export type CheckOptions = {
  readonly mode: Mode;
  readonly table: OptionTable;
  /** Names of the instances in the order of the file, where the tree has lost it. */
  readonly names?: readonly string[] | undefined;
};

/** A tree to what it says; every problem at once. */
export function checkLlama(
  tree: TomlTree,
  { mode, table, names }: CheckOptions,
): Result<LlamaDraft> {
  const draft = draftOf(tree, names);
  const instances = enabledInstances(draft).map((instance) => {
    const uses = usesOf(instance, table);
    return { ...instance, uses, endpoint: endpointOf(uses, table) };
  });
  const fromSchema = schemaProblems(tree, mode);
  const places = new Set(fromSchema.map(({ pointer }) => pointer));
  const fromRules = checkLlamaRules({ tree, draft, instances, table, mode });
  // What the schema says of a value comes first; a rule would only repeat it.
  const all = [...fromSchema, ...fromRules.filter(({ pointer }) => !places.has(pointer))];
  if (!draft.isEnabled) return success(draft, all.map(asWarning));
  return all.some(({ severity }) => severity === 'error') ? failure(all) : success(draft, all);
}

/** A file that is switched off launches nothing, whatever else is in it. */
function asWarning(problem: Diagnostic): Diagnostic {
  return { ...problem, severity: 'warning' };
}

function schemaProblems(tree: TomlTree, mode: Mode): readonly Diagnostic[] {
  const { tree: view, place } = viewOf(tree);
  if (validateLlama(view)) return [];
  const errors = validateLlama.errors ?? [];
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return errors
    .filter(
      ({ keyword, instancePath }) =>
        // A value of the wrong type is none of the allowed ones either, and a bad name is told of the name itself.
        keyword !== 'propertyNames' && (keyword !== 'enum' || !mistyped.has(instancePath)),
    )
    .map((error) => llamaDiagnostic({ ...error, instancePath: place(error.instancePath) }, mode));
}
