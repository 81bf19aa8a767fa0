import type { ErrorObject } from 'ajv';
import { type Diagnostic, pointerSegments } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { checkRules } from '../rules/rules.ts';
import { type ConfigInput, configVersions } from './config-input.gen.ts';
import { leniently } from './lenient.ts';
import { schemaDiagnostic } from './messages.ts';
import type { Mode } from './mode.ts';
import type { TomlTree } from './toml-tree.ts';
import { validateConfig } from './validate-config.gen.ts';
import { hasMisspelledVersion, newerKeys, versionOf, versionProblem } from './version-gate.ts';

/** A tree to a config; every problem at once, in the order of the keys. `file` is its name, for commands to type. */
export function validate(
  written: TomlTree,
  mode: Mode = 'strict',
  file?: string,
): Result<ConfigInput> {
  const wrongVersion = versionProblem(written, configVersions);
  if (wrongVersion !== undefined) return failure([wrongVersion]);
  const version = Number(versionOf(written));
  const { tree, warnings } = read(written, version, mode);
  const isValid = validateConfig(tree);
  // Where the key is only left out, the file is of the first version.
  const isSlip = mode !== 'lenient' && hasMisspelledVersion(tree);
  const gated = isSlip ? [] : newerKeys(tree, version, file);
  const schemaProblems = withoutSecondErrors(validateConfig.errors ?? []).map((error) =>
    schemaDiagnostic(error, version),
  );
  const problems = withoutEchoes([...schemaProblems, ...checkRules(tree)]);
  const gates = new Set(gated.map(({ pointer }) => pointer));
  const isOpen = ({ pointer }: Diagnostic) => !isInOneOf(pointer, gates);
  const errors = [...gated, ...problems.filter(isOpen)];
  const all = inOrder([...errors, ...warnings.filter(isOpen)]);
  return isValid && errors.length === 0 ? success(tree, all) : failure(all);
}

function read(
  tree: TomlTree,
  version: number,
  mode: Mode,
): { readonly tree: TomlTree; readonly warnings: readonly Diagnostic[] } {
  if (mode === 'strict' || validateConfig(tree)) return { tree, warnings: [] };
  return leniently(tree, validateConfig.errors ?? [], { version, mode });
}

/** A value of the wrong type is none of the allowed ones either. */
function withoutSecondErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return errors.filter(
    ({ keyword, instancePath }) => keyword !== 'enum' || !mistyped.has(instancePath),
  );
}

/** A key that the file may not have, or something of its contents. */
function isInOneOf(pointer: string, gates: ReadonlySet<string>): boolean {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    if (gates.has(at)) return true;
  }
  return false;
}

/** What says most about a value comes first; the other problems at its place would only repeat it. */
const TELLING = ['no-private-key', 'no-control-characters'];

function withoutEchoes(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return TELLING.reduce((rest, telling) => {
    const places = new Set(
      rest.filter(({ rule }) => rule === telling).map(({ pointer }) => pointer),
    );
    return rest.filter(({ rule, pointer }) => rule === telling || !places.has(pointer));
  }, problems);
}

function inOrder(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems
    .map((problem) => ({ problem, segments: pointerSegments(problem.pointer) }))
    .sort((a, b) => compareSegments(a.segments, b.segments))
    .map(({ problem }) => problem);
}

function compareSegments(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const order = compareSegment(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareSegment(a: string, b: string): number {
  if (a === b) return 0;
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : 1;
}
