import { quoted } from '../../config/show-value.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import { lastUse } from '../uses.ts';
import type { LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** What the schema says of the key `port`, for one that stands in `extra_args`. */
export const portNumber: LlamaRule = {
  id: 'llama-port-number',
  check: ({ instances }) =>
    instances.flatMap((instance) => {
      if (instance.endpoint !== undefined) return none;
      const use = lastUse(instance, '--port');
      if (use?.value === undefined || use.origin === 'key') return none;
      const text = `must be a port from 1 to 65535, got ${quoted(use.value)}`;
      return wrong(
        'llama-port-number',
        use.pointer,
        text,
        'with 0 it would be another one at each start',
      );
    }),
};

const none: readonly Diagnostic[] = [];
