import { withNote } from '../../diagnostic.ts';
import { takers } from '../endpoint.ts';
import type { OptionTable } from '../options/option-table.ts';
import { lastUse } from '../uses.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { named, wrong } from './tell.ts';

/** Two instances on one address: the second to start would end at once. */
export const portTaken: LlamaRule = {
  id: 'llama-port-taken',
  check: ({ instances, table }) => {
    const { take } = takers<CheckedInstance>();
    return instances.flatMap((instance) => {
      const { endpoint } = instance;
      const other = endpoint && take(endpoint, instance);
      if (endpoint === undefined || other === undefined) return [];
      const at = placeOfPort(instance, table);
      const where = endpoint.port === 0 ? endpoint.host : `port ${endpoint.port}`;
      const text = `${named(instance)} would listen on ${where}, where ${named(other)} listens`;
      const own = endpoint.port === 0 ? 'socket' : 'port';
      const clash = wrong('llama-port-taken', at, text, `give each instance a ${own} of its own`);
      return [withNote(clash, placeOfPort(other, table), 'first used here')];
    });
  },
};

function placeOfPort({ uses, pointer, endpoint }: CheckedInstance, table: OptionTable): string {
  const option = endpoint?.port === 0 ? '--host' : '--port';
  return lastUse(uses, option, table)?.pointer ?? pointer;
}
