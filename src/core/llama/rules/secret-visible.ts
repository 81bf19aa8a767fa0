import { ofEachUse } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** Whoever reads the file, or the arguments of a process that another launcher starts, has the key. */
export const secretVisible: LlamaRule = {
  id: 'llama-secret',
  check: (subject) =>
    ofEachUse(subject, ({ flag, pointer }) => {
      if (subject.table.secret(flag) !== 'LLAMA_API_KEY') return undefined;
      const text = 'a key in this file is read by everybody who can read the file';
      const help = 'keep it in a file of its own: api_key_file = "/path"';
      return doubtful('llama-secret', pointer, text, help);
    }),
};
