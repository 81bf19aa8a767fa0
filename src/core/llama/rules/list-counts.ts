import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** A list repeats its option, and most options keep their last value only. */
export const listCounts: LlamaRule = {
  id: 'llama-list-last',
  check: ({ instances, table }) =>
    instances.flatMap(({ entries }) =>
      entries.flatMap(({ option, values, pointer, isList }) => {
        const isKnown = table.find(`--${option}`) !== undefined;
        if (!isList || values.length < 2 || !isKnown || table.isList(`--${option}`)) return [];
        const text = `of its ${values.length} values only the last counts: --${option} takes one`;
        return doubtful(
          'llama-list-last',
          pointer,
          text,
          'write the value that is meant, without brackets',
        );
      }),
    ),
};
