import { quoted } from '../../config/show-value.ts';
import { firstShard, shardOf } from '../shards.ts';
import { lastUse } from '../uses.ts';
import type { LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** llama-server finds the other shards by the name of the first. */
export const firstShardOnly: LlamaRule = {
  id: 'llama-first-shard',
  check: ({ instances }) =>
    instances.flatMap((instance) => {
      const use = lastUse(instance, '--model');
      const shard = shardOf(use?.value ?? '');
      if (use?.value === undefined || shard === undefined || shard.number === 1) return [];
      const text = `is shard ${shard.number} of ${shard.of}: llama-server is given the first one`;
      return wrong(
        'llama-first-shard',
        use.pointer,
        text,
        `write ${quoted(firstShard(use.value))}`,
      );
    }),
};
