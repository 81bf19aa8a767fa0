import { quoted } from '../../config/show-value.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** llama-server ends at once over an option that it had once. */
export const removedOption: LlamaRule = {
  id: 'llama-removed-option',
  check: ({ instances, table }) =>
    instances.flatMap(({ uses }) =>
      uses.flatMap(({ flag, pointer, origin }) => {
        const advice = table.removed(flag);
        if (advice === undefined) return [];
        const text = `${table.program} has no ${quoted(flag)} any more`;
        return {
          ...doubtful('llama-removed-option', pointer, text, advice),
          ...(origin === 'key' ? { mark: 'key' as const } : {}),
        };
      }),
    ),
};
