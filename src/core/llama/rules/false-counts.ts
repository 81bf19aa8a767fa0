import { offSpelling } from '../options/values.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** `false` leaves the option out, and one that is on by default stays on. */
export const falseCounts: LlamaRule = {
  id: 'llama-false-ignored',
  check: ({ instances, table }) =>
    instances.flatMap(({ entries, uses }) =>
      entries.flatMap(({ option, values, pointer }) => {
        const known = table.find(`--${option}`);
        const opposite = known && offSpelling(known, `--${option}`);
        const isFalse = values.length === 1 && values[0]?.value === false;
        if (!isFalse || known === undefined || opposite === undefined) return [];
        const isOff = uses.some(({ flag }) => /^--?n/.test(flag) && known.names.includes(flag));
        if (isOff) return [];
        const text = `false leaves --${option} out, which does not switch it off`;
        const key = opposite.slice(2).replaceAll('-', '_');
        return doubtful('llama-false-ignored', pointer, text, `write ${key} = true`);
      }),
    ),
};
