import { lastUse } from '../uses.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** One process that starts others as requests come: its health says nothing about a model. */
export const routerMode: LlamaRule = {
  id: 'llama-router-mode',
  judgesShape: true,
  check: ({ instances }) =>
    instances.flatMap((instance) => {
      const use = ['--models-dir', '--models-preset']
        .flatMap((name) => lastUse(instance, name) ?? [])
        .at(0);
      if (use === undefined) return [];
      const text = `${use.flag} starts a router, whose health says nothing about a model`;
      return doubtful('llama-router-mode', use.pointer, text, 'write an instance for each model');
    }),
};
