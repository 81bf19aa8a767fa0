import { entryOf, stringsOf } from '../../config/toml-tree.ts';
import { controlCharacter, visible } from '../../control-characters.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** Values of options may have several lines, as a grammar has; paths and names may not. */
export const noControlCharacters: LlamaRule = {
  id: 'no-control-characters',
  check: ({ tree }) =>
    ['master', 'instance'].flatMap((key) =>
      stringsOf(entryOf(tree, key), `/${key}`).flatMap(({ at, text }) => checked(at, text)),
    ),
};

function checked(at: string, text: string): readonly Diagnostic[] {
  const isValue = /^\/instance(?:\/[^/]*)?\/server\//.test(at);
  const found = controlCharacter(isValue ? text.replace(/[\n\t]/g, ' ') : text);
  if (found === undefined) return [];
  const position = [...text.slice(0, found.index)].length + 1;
  const what = `got ${visible(found.character)} as character ${position}`;
  const message = `must not contain control characters, ${what}`;
  return [wrong('no-control-characters', at, message, 'remove it')];
}
