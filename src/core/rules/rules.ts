import type { TomlTree } from '../config/toml-tree.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { bridgeNotUplink } from './bridge-not-uplink.ts';
import { dirsDiffer } from './dirs-differ.ts';
import { draftOf } from './draft.ts';
import { gpuAssignedOnce } from './gpu-assigned-once.ts';
import { gpuFunctionsTogether } from './gpu-functions-together.ts';
import { indexUnique } from './index-unique.ts';
import { interfaceNameLength } from './interface-name-length.ts';
import { nameUnique } from './name-unique.ts';
import { noControlCharacters } from './no-control-characters.ts';
import { pathSyntax } from './path-syntax.ts';
import type { Rule } from './rule.ts';
import { userNotRoot } from './user-not-root.ts';

export const rules: readonly Rule[] = [
  bridgeNotUplink,
  dirsDiffer,
  gpuAssignedOnce,
  gpuFunctionsTogether,
  indexUnique,
  interfaceNameLength,
  nameUnique,
  noControlCharacters,
  pathSyntax,
  userNotRoot,
];

/** Every broken rule; a tree that the schema refuses is checked as far as it is well formed. */
export function checkRules(tree: TomlTree): readonly Diagnostic[] {
  const draft = draftOf(tree);
  return rules.flatMap(({ check }) => check(draft));
}
