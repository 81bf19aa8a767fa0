import { entryOf, isTable } from '../../config/toml-tree.ts';
import { controlCharacter, visible } from '../../control-characters.ts';
import { below, type Diagnostic } from '../../diagnostic.ts';
import { ofEachUse } from './each.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** Values of options may have several lines, as a grammar has; paths and names may not. */
export const noControlCharacters: LlamaRule = {
  id: 'no-control-characters',
  check: ({ tree, instances, examples, table }) => [
    ...problemsIn(entryOf(tree, 'master'), '/master'),
    ...problemsInInstances(entryOf(tree, 'instance'), instances),
    ...ofEachUse({ instances: examples }, ({ flag, value = '', pointer }) =>
      PLAIN.test(value) || table.secret(flag) === undefined
        ? undefined
        : secretProblem(pointer, value),
    ),
  ],
};

/** It goes into an environment, one line each; a line end behind a key is most often a slip. */
function secretProblem(at: string, secret: string): Diagnostic | undefined {
  const found = controlCharacter(secret);
  if (found === undefined || !/[\n\t]/.test(found.character)) return undefined;
  return problemAt(at, secret, found);
}

/** The strings of a server table that has a shape are plain. */
function problemsInInstances(
  tables: unknown,
  instances: readonly CheckedInstance[],
): readonly Diagnostic[] {
  if (!isTable(tables)) return none;
  const shaped = new Set(instances.flatMap(({ name, shape }) => (shape === undefined ? [] : name)));
  return Object.keys(tables).flatMap((name) => {
    const table = tables[name];
    const at = below('/instance', name);
    if (!shaped.has(name) || !isTable(table)) return problemsIn(table, at);
    return Object.keys(table).flatMap((key) =>
      key === 'server' ? none : problemsIn(table[key], below(at, key)),
    );
  });
}

const none: readonly Diagnostic[] = [];
const PLAIN = /^[ -~]*$/;

/** Of a thousand instances nearly all strings are plain: nothing is made for them. */
function problemsIn(value: unknown, at: string): readonly Diagnostic[] {
  if (typeof value === 'string') return PLAIN.test(value) ? none : checked(at, value);
  const found: Diagnostic[] = [];
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      found.push(...problemsIn(item, `${at}/${index}`));
    });
  } else if (isTable(value)) {
    for (const key of Object.keys(value)) found.push(...problemsIn(value[key], below(at, key)));
  }
  return found.length === 0 ? none : found;
}

function checked(at: string, text: string): readonly Diagnostic[] {
  const isValue = /^\/instance(?:\/[^/]*)?\/server\//.test(at);
  const found = controlCharacter(isValue ? text.replace(/[\n\t]/g, ' ') : text);
  return found === undefined ? none : [problemAt(at, text, found)];
}

function problemAt(
  at: string,
  text: string,
  found: { readonly character: string; readonly index: number },
): Diagnostic {
  const position = [...text.slice(0, found.index)].length + 1;
  const what = `got ${visible(found.character)} as character ${position}`;
  const message = `must not contain control characters, ${what}`;
  return wrong('no-control-characters', at, message, 'remove it');
}
