import { type Diagnostic, errorAt, pointerSegments } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { checkRules } from '../rules/rules.ts';
import type { ConfigInput } from './config-input.gen.ts';
import { schemaDiagnostic } from './messages.ts';
import { showTyped } from './show-value.ts';
import { entryOf, type TomlTree } from './toml-tree.ts';
import { validateConfig } from './validate-config.gen.ts';

const SCHEMA_VERSION = 1;

/** A tree to a config; every problem at once, in the order of the keys. */
export function validate(tree: TomlTree): Result<ConfigInput> {
  const version = versionProblem(tree);
  if (version !== undefined) return failure([version]);
  const isValid = validateConfig(tree);
  const schemaProblems = (validateConfig.errors ?? []).map(schemaDiagnostic);
  const problems = withoutEchoes([...schemaProblems, ...checkRules(tree)]);
  return isValid && problems.length === 0 ? success(tree) : failure(inOrder(problems));
}

/** A file of another version means other things by its keys, so nothing else is said about it. */
function versionProblem(tree: TomlTree): Diagnostic | undefined {
  const version = entryOf(tree, 'schema_version');
  if (version === undefined || version === SCHEMA_VERSION) return undefined;
  const isNewer = typeof version === 'number' && version > SCHEMA_VERSION;
  return errorAt(
    'schema-version',
    '/schema_version',
    isNewer
      ? `schema_version: ${version} is newer than version ${SCHEMA_VERSION}, the newest this vllmd knows`
      : `schema_version: must be the integer ${SCHEMA_VERSION}, got ${showTyped(version)}`,
    isNewer
      ? 'install a newer vllmd'
      : `write schema_version = ${SCHEMA_VERSION}, or remove the line`,
  );
}

/** A control character also breaks the pattern of the key; one of the two messages is enough. */
function withoutEchoes(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const withControl = new Set(
    problems.filter(({ rule }) => rule === 'no-control-characters').map(({ pointer }) => pointer),
  );
  return problems.filter(
    ({ rule, pointer }) =>
      !((rule === 'bad-format' || rule === 'bad-pci-address') && withControl.has(pointer)),
  );
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
