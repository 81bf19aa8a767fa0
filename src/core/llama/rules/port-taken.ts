import { withNote } from '../../diagnostic.ts';
import { takers } from '../endpoint.ts';
import { lastUse } from '../uses.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { named, wrong } from './tell.ts';

/** Two instances on one address: the second to start would end at once. */
export const portTaken: LlamaRule = {
  id: 'llama-port-taken',
  check: ({ instances }) => {
    const { take } = takers<CheckedInstance>();
    return mayClash(instances).flatMap((instance) => {
      const { endpoint } = instance;
      const other = endpoint && take(endpoint, instance);
      if (endpoint === undefined || other === undefined) return [];
      const at = placeOfPort(instance);
      const where = endpoint.port === 0 ? endpoint.host : `port ${endpoint.port}`;
      const text = `${named(instance)} would listen on ${where}, where ${named(other)} listens`;
      const own = endpoint.port === 0 ? 'socket' : 'port';
      const clash = wrong('llama-port-taken', at, text, `give each instance a ${own} of its own`);
      return [withNote(clash, placeOfPort(other), 'first used here')];
    });
  },
};

/** Those whose port another one has as well, and all on sockets: nearly none of a file that is right. */
function mayClash(instances: readonly CheckedInstance[]): readonly CheckedInstance[] {
  const counts = new Map<number, number>();
  for (const { endpoint } of instances) {
    if (endpoint !== undefined) counts.set(endpoint.port, (counts.get(endpoint.port) ?? 0) + 1);
  }
  return instances.filter(
    ({ endpoint }) =>
      endpoint !== undefined &&
      (counts.get(endpoint.port) !== 1 || endpoint.host.includes('.sock')),
  );
}

function placeOfPort(instance: CheckedInstance): string {
  const option = instance.endpoint?.port === 0 ? '--host' : '--port';
  return lastUse(instance, option)?.pointer ?? instance.pointer;
}
