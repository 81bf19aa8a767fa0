import { quoted } from '../../config/show-value.ts';
import { entryOf, type TomlTree } from '../../config/toml-tree.ts';
import { failure, type Result, success } from '../../result.ts';
import { wrong } from '../rules/tell.ts';
import { type OptionTable, optionTableOf, referenceTable } from './option-table.ts';

/** Far fewer than any llama-server has; another text has some words that look like options. */
const FEWEST = 20;

/** The options that a file is checked against: those of the reference version, or of the one whose help it names. */
export function namedTable(
  tree: TomlTree,
  readTable: (path: string) => string | { readonly why: string },
): Result<OptionTable> {
  const master = entryOf(tree, 'master');
  const path = entryOf(master, 'option_table');
  // A file that is switched off needs none. Anything else the schema tells of.
  if (entryOf(master, 'enable') === false) return success(referenceTable);
  if (typeof path !== 'string' || path === '') return success(referenceTable);
  const at = '/master/option_table';
  const text = readTable(path);
  if (typeof text !== 'string') {
    const help = 'make it where that llama-server is: `llama-server --help > FILE`';
    return failure([wrong('llama-option-table', at, `${quoted(path)} ${text.why}`, help)]);
  }
  const table = optionTableOf(text);
  if (table.size >= FEWEST) return success(table);
  const what = `${quoted(path)} has ${table.size} options of llama-server in it`;
  return failure([
    wrong('llama-option-table', at, what, 'put there what `llama-server --help` prints'),
  ]);
}
