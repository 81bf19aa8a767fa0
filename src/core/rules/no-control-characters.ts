import { problem } from '../config/problem.ts';
import { stringsOf } from '../config/toml-tree.ts';
import { controlCharacter, visible } from '../control-characters.ts';
import type { Rule } from './rule.ts';

/** No string contains a control character, a newline, a NUL or a Unicode noncharacter. */
export const noControlCharacters: Rule = {
  id: 'no-control-characters',
  check: ({ tree }) =>
    stringsOf(tree).flatMap(({ at, text }) => {
      const found = controlCharacter(text);
      if (found === undefined) return [];
      const isNone = /\p{Noncharacter_Code_Point}/u.test(found.character);
      const what = isNone ? 'Unicode noncharacters' : 'control characters';
      const position = [...text.slice(0, found.index)].length + 1;
      return [
        problem(
          'no-control-characters',
          at,
          `must not contain ${what}, got ${visible(found.character)} as character ${position}`,
          isNone
            ? 'remove it: systemd takes no line that holds one for text'
            : 'remove it: the value goes into unit and environment files, one line each',
        ),
      ];
    }),
};
