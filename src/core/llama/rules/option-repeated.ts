import { type Diagnostic, withNote } from '../../diagnostic.ts';
import type { OptionUse } from '../uses.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** Of two values the last counts: a key before what stands in extra_args, and of two names of one option the later. */
export const optionRepeated: LlamaRule = {
  id: 'llama-option-repeated',
  judgesShape: true,
  check: ({ instances, table }) =>
    instances.flatMap(({ uses }) => {
      const before = new Map<string, OptionUse>();
      return uses.flatMap((use): readonly Diagnostic[] => {
        const name = use.option?.names.at(-1) ?? use.flag;
        const other = before.get(name);
        before.set(name, use);
        const isSameKey = other?.flag === use.flag && other.origin === use.origin;
        if (other === undefined || isSameKey || table.isList(use.flag)) return none;
        const what =
          other.flag === use.flag ? `${use.flag} is given twice` : `is the same as ${use.flag}`;
        const text = `${what}, and only the last one counts`;
        const repeat = doubtful('llama-option-repeated', other.pointer, text, 'remove this one');
        return [withNote(repeat, use.pointer, 'this one counts')];
      });
    }),
};

const none: readonly Diagnostic[] = [];
