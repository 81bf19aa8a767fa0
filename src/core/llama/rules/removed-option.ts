import { quoted } from '../../config/show-value.ts';
import { ofEachUse } from './each.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** llama-server ends at once over an option that it had once. */
export const removedOption: LlamaRule = {
  id: 'llama-removed-option',
  judgesShape: true,
  check: (subject) =>
    ofEachUse(subject, ({ flag, pointer, origin }) => {
      const advice = subject.table.removed(flag);
      if (advice === undefined) return undefined;
      const text = `${subject.table.program} has no ${quoted(flag)} any more`;
      return {
        ...doubtful('llama-removed-option', pointer, text, advice),
        ...(origin === 'key' ? { mark: 'key' as const } : {}),
      };
    }),
};
