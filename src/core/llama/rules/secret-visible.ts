import { ofEachUse } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** `https://user:password@host/…` */
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*:[^/?#\s]*@/i;

/** Whoever reads the file, or the arguments of a process that another launcher starts, has the key. */
export const secretVisible: LlamaRule = {
  id: 'llama-secret',
  judgesShape: true,
  check: (subject) =>
    ofEachUse(subject, ({ flag, value = '', pointer }) => {
      if (PASSWORD_IN_URL.test(value)) {
        const text =
          'a password in a URL is shown wherever this option is, also in lists of processes';
        const help =
          'download the file beforehand and name it with model, or use a URL without one';
        return doubtful('llama-secret', pointer, text, help);
      }
      if (subject.table.secret(flag) !== 'LLAMA_API_KEY') return undefined;
      const text = 'a key in this file is read by everybody who can read the file';
      const help = 'keep it in a file of its own: api_key_file = "/path"';
      return doubtful('llama-secret', pointer, text, help);
    }),
};
