import { isMeantAsSecret } from '../../config/sensitive-options.ts';
import { quoted } from '../../config/show-value.ts';
import { type OptionTable, referenceTable } from '../options/option-table.ts';
import type { OptionUse } from '../uses.ts';
import { ofEachUse } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** The build of the operator may be older or newer than the table: a word of advice, and no more. */
export const unknownOption: LlamaRule = {
  id: 'llama-unknown-option',
  judgesShape: true,
  check: (subject) =>
    ofEachUse(subject, ({ flag, option, pointer, origin }) => {
      const { table } = subject;
      if (option !== undefined || table.removed(flag) !== undefined) return undefined;
      const text = `${quoted(flag)} is no option of ${table.program}`;
      // Its value would stand on a command line, where everybody can read it.
      const isSecret = isMeantAsSecret(flag) && table.secret(flag) === undefined;
      const tell = isSecret ? wrong : doubtful;
      return {
        ...tell('llama-unknown-option', pointer, text, helpFor({ flag, origin }, table)),
        ...(origin === 'key' ? { mark: 'key' as const } : {}),
      };
    }),
};

function helpFor({ flag, origin }: Pick<OptionUse, 'flag' | 'origin'>, table: OptionTable): string {
  const meant = table.nearest(flag);
  if (meant === undefined) {
    return table === referenceTable
      ? 'for another version of llama-server, name its own table with option_table in [master]'
      : 'see that option_table is of the version that runs';
  }
  const key = meant.slice(2).replaceAll('-', '_');
  return origin === 'key' ? `did you mean ${key}?` : `did you mean ${meant}?`;
}
