import type { Mode } from '../config/mode.ts';
import type { TomlTree } from '../config/toml-tree.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { draftOf, enabledInstances, type InstanceDraft, type LlamaDraft } from './draft.ts';
import { endpointOf } from './endpoint.ts';
import { llamaDiagnostic } from './messages.ts';
import type { OptionTable } from './options/option-table.ts';
import type { CheckedInstance } from './rules/rule.ts';
import { checkLlamaRules } from './rules/rules.ts';
import { examplesOf } from './shape.ts';
import { type Layout, layoutOf, type Uses, usesOf } from './uses.ts';
import { validateLlama } from './validate-llama.gen.ts';
import { viewOf } from './view.ts';

export type CheckOptions = {
  readonly mode: Mode;
  readonly table: OptionTable;
  /** Names of the instances in the order of the file, where the tree has lost it. */
  readonly names?: readonly string[] | undefined;
};

/** A file that has been checked, and the options that it was checked against. */
export type CheckedLlama = {
  readonly draft: LlamaDraft;
  /** Those that are to run, in the order of the file. */
  readonly instances: readonly CheckedInstance[];
  readonly table: OptionTable;
};

/** A tree to what it says; every problem at once. */
export function checkLlama(
  tree: TomlTree,
  { mode, table, names }: CheckOptions,
): Result<CheckedLlama> {
  const draft = draftOf(tree, names);
  const instances = checkedInstances(draft, table);
  const checked = { draft, instances, table };
  const fromSchema = schemaProblems(tree, mode);
  const places = new Set(fromSchema.map(({ pointer }) => pointer));
  const fromRules = checkLlamaRules({
    ...{ tree, draft, instances, table, mode },
    examples: examplesOf(instances),
  });
  // What the schema says of a value comes first; a rule would only repeat it.
  const all = withoutRepeats([
    ...fromSchema,
    ...fromRules.filter(({ pointer }) => !places.has(pointer)),
  ]);
  if (!draft.isEnabled) return success(checked, all.map(asWarning));
  return all.some(({ severity }) => severity === 'error') ? failure(all) : success(checked, all);
}

function checkedInstances(draft: LlamaDraft, table: OptionTable): readonly CheckedInstance[] {
  const layouts = new Map<string, Layout>();
  return enabledInstances(draft).map((instance) => {
    const { shape } = instance;
    const uses = usesOf(instance, table);
    const known = shape === undefined ? undefined : layouts.get(shape);
    const layout = known ?? layoutOf(uses, table);
    if (shape !== undefined && known === undefined) layouts.set(shape, layout);
    return checkedInstance(instance, { uses, layout });
  });
}

/** Written out: to spread an object takes several times as long. */
function checkedInstance(
  { name, pointer, control, entries, extraWords, shape }: InstanceDraft,
  { uses, layout }: Uses,
): CheckedInstance {
  const endpoint = endpointOf({ uses, layout });
  return { name, pointer, control, entries, extraWords, shape, uses, layout, endpoint };
}

/** A default of all instances is looked at once for each, and told of once; a name can be wrong in two ways. */
function withoutRepeats(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Set<string>();
  return problems.filter(({ rule, pointer, message }) => {
    const key = JSON.stringify([rule, pointer, message]);
    const isNew = !told.has(key);
    told.add(key);
    return isNew;
  });
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
