import { offSpelling } from '../options/values.ts';
import { ofEachEntry } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** `false` leaves the option out, and one that is on by default stays on. */
export const falseCounts: LlamaRule = {
  id: 'llama-false-ignored',
  judgesShape: true,
  check: (subject) =>
    ofEachEntry(subject, ({ flag: own, values, pointer }, { uses }) => {
      if (values.length !== 1 || values[0]?.value !== false) return undefined;
      const known = subject.table.find(own);
      const opposite = known && offSpelling(known, own);
      if (known === undefined || opposite === undefined) return undefined;
      const isOff = uses.some(({ flag }) => /^--?n/.test(flag) && known.names.includes(flag));
      if (isOff) return undefined;
      const text = `false leaves ${own} out, which does not switch it off`;
      const key = opposite.slice(2).replaceAll('-', '_');
      return doubtful('llama-false-ignored', pointer, text, `write ${key} = true`);
    }),
};
