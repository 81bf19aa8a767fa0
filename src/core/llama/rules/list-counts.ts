import { quoted } from '../../config/show-value.ts';
import { valueText } from '../value-text.ts';
import type { ServerEntry } from '../written.ts';
import { ofEachEntry } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** A list repeats its option, and most options keep their last value only. */
export const listCounts: LlamaRule = {
  id: 'llama-list-last',
  judgesShape: true,
  check: (subject) =>
    ofEachEntry(subject, ({ flag, values, pointer, isList }) => {
      const { table } = subject;
      if (!isList || values.length < 2) return undefined;
      if (table.find(flag) === undefined || table.isList(flag)) return undefined;
      const separator = table.separator(flag);
      const what = separator === undefined ? 'one' : `them with "${separator}" between`;
      const text = `of its ${values.length} values only the last counts: ${flag} takes ${what}`;
      return doubtful('llama-list-last', pointer, text, helpFor(values, separator));
    }),
};

function helpFor(values: ServerEntry['values'], separator: string | undefined): string {
  if (separator === undefined) return 'write the value that is meant, without brackets';
  const words = values.map(({ value }) => (typeof value === 'boolean' ? '' : valueText(value)));
  return `write one text: ${quoted(words.join(separator))}`;
}
