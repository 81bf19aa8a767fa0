import { expandPath } from '../config/expand-path.ts';
import { got, problem } from '../config/problem.ts';
import { isSensitive } from '../config/schema-keys.ts';
import { visible } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type PathDraft, pathDrafts } from './path-drafts.ts';
import { pathProblems } from './path-syntax.ts';
import type { Rule } from './rule.ts';
import { sampleVariables } from './sample-variables.ts';

/** The path of a file has letters, digits and `/ . _ : @ + = -` only: others mean something to cloud-hypervisor or systemd. */
export const pathCharacters: Rule = {
  id: 'path-characters',
  check: ({ tree }) => pathDrafts(tree).flatMap(problems),
};

function problems(draft: PathDraft): readonly Diagnostic[] {
  if (!draft.isPlain || pathProblems(draft).length > 0) return [];
  const { pointer: at, path } = draft;
  const found = /[^A-Za-z0-9/._:@+=-]/u.exec(expandPath(path, sampleVariables))?.[0];
  if (found === undefined) return [];
  const shown = found === ' ' ? 'a space' : `\`${visible(found)}\``;
  const what = isSensitive(at) ? 'other characters' : shown;
  return [
    problem(
      'path-characters',
      at,
      `must not contain ${what}${got(at, path)}`,
      'a path has letters, digits and / . _ : @ + = - only: rename the file or its directory',
    ),
  ];
}
