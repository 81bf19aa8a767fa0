import { instanceNames } from '../draft.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** A file that starts nothing without saying so. */
export const noInstance: LlamaRule = {
  id: 'llama-no-instance',
  check: ({ tree, draft, instances }) => {
    const all = draft.instances.length;
    // What is there and no instance is told of by its own rule.
    const isBroken = instanceNames(tree).length > all;
    if (!draft.isEnabled || instances.length > 0 || isBroken) return [];
    const text = all === 0 ? 'there is none' : `none is enabled of ${all}`;
    const help =
      'add [instance.NAME.server] with a model and a port, or enable = false to [master]';
    return [doubtful('llama-no-instance', '/instance', text, help)];
  },
};
