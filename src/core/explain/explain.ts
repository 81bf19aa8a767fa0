import type { Materials } from '../render/materials.ts';
import type { Asked } from './asked.ts';
import { valueAt } from './config-tree.ts';
import { configVariables } from './config-variables.ts';
import { explainFiles } from './explain-files.ts';
import { explainKeys } from './explain-keys.ts';
import type { ExplainedKey, Explanation, Installed } from './explanation.ts';
import { hostVariables } from './host-variables.ts';
import { shapesOf } from './shape.ts';
import type { Steps } from './steps.ts';
import { pointerOf } from './tidy.ts';
import type { Variable } from './variable.ts';

/** By rendering again with one value changed, for every value there is. `schema` is the JSON Schema of the config. */
export function* explain(
  asked: Asked,
  materials: Materials,
  schema: unknown,
  installed: ReadonlyMap<string, Installed>,
): Steps<Explanation> {
  const variables = variablesOf(materials, schema);
  if (asked.kind === 'keys') return yield* keysOf(asked.pointers, materials, variables);
  const artefacts = asked.kind === 'line' ? [asked.artefact] : asked.artefacts;
  const files = (yield* explainFiles(artefacts, materials, variables)).map((file) => ({
    ...file,
    installed: installed.get(file.artefact.path) ?? ('unknown' as const),
  }));
  const [file] = files;
  return asked.kind === 'line' && file !== undefined
    ? { kind: 'line', file, line: asked.line }
    : { kind: 'files', files };
}

/** Everything that a line can depend on but vllmd itself. */
export function variablesOf(materials: Materials, schema: unknown): readonly Variable[] {
  return [...configVariables(materials, shapesOf(schema)), ...hostVariables(materials)];
}

function* keysOf(
  pointers: readonly string[],
  materials: Materials,
  variables: readonly Variable[],
): Steps<Explanation> {
  const keys: ExplainedKey[] = [];
  for (const pointer of pointers) {
    for (const key of yield* explainKeys(pointer, materials, variables)) {
      const { origin } = key;
      const written = valueAt(materials.input, pointerOf(origin) ?? '');
      keys.push({ ...key, value: origin.kind === 'default' ? origin.value : written });
    }
  }
  return { kind: 'keys', keys };
}
