import { keyName } from '../config/show-value.ts';
import { isTable } from '../config/toml-tree.ts';
import { controlCharacter, visible } from '../control-characters.ts';
import { type Diagnostic, errorAt, pointer } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** No string contains a control character, a newline or a NUL. */
export const noControlCharacters: Rule = {
  id: 'no-control-characters',
  check: ({ tree }) => inValue(tree, ''),
};

function inValue(value: unknown, at: string): readonly Diagnostic[] {
  if (typeof value === 'string') return inString(value, at);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => inValue(item, at + pointer(index)));
  }
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => inValue(item, at + pointer(key)));
}

function inString(value: string, at: string): readonly Diagnostic[] {
  const found = controlCharacter(value);
  if (found === undefined) return [];
  const position = [...value.slice(0, found.index)].length + 1;
  return [
    errorAt(
      'no-control-characters',
      at,
      `${keyName(at)}: must not contain control characters, got ${visible(found.character)} as character ${position}`,
      'remove it: the value goes into unit and environment files, one line each',
    ),
  ];
}
