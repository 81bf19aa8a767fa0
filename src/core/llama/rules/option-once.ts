import { entryOf, isTable } from '../../config/toml-tree.ts';
import { type Diagnostic, pointer, withNote } from '../../diagnostic.ts';
import { instanceNames } from '../draft.ts';
import { optionName } from '../server-table.ts';
import type { LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** `ctx_size` and `ctx-size` are one option: which of them counts, nobody can see. */
export const optionOnce: LlamaRule = {
  id: 'llama-option-once',
  check: ({ tree }) => {
    const instance = entryOf(tree, 'instance');
    return [
      ...ofTable(entryOf(instance, 'server'), ['instance', 'server']),
      ...instanceNames(tree).flatMap((name) =>
        ofTable(entryOf(entryOf(instance, name), 'server'), ['instance', name, 'server']),
      ),
    ];
  },
};

function ofTable(table: unknown, path: readonly string[]): readonly Diagnostic[] {
  // Two keys are one option only where one of them has dashes.
  if (!isTable(table) || !Object.keys(table).some((key) => key.includes('-'))) return none;
  const first = new Map<string, string>();
  return Object.keys(table).flatMap((key) => {
    const option = optionName(key);
    const other = first.get(option);
    if (other === undefined) {
      first.set(option, key);
      return [];
    }
    const repeat = wrong(
      'llama-option-once',
      pointer(...path, key),
      `is ${other} once more`,
      'remove one of them',
    );
    return [withNote({ ...repeat, mark: 'key' }, pointer(...path, other), 'first written here')];
  });
}

const none: readonly Diagnostic[] = [];
