import type { Round } from '../../../core/hive/agent/round.ts';
import type { HostDocument } from '../../../core/hive/documents.ts';
import type { Inventory } from '../../../core/hive/inventory/inventory.ts';
import { type HiveAddress, type HiveAnswer, hiveClient } from '../client/hive-client.ts';
import { refused } from '../client/refused.ts';
import { hostMetrics } from './this-host.ts';

export type Reporter = {
  /** Puts the host with these services in the place of what is registered of it, and what it could load beside it. */
  readonly register: (host: HostDocument, inventory: Inventory, round: Round) => Promise<void>;
  /** False where the registry does not know the host. */
  readonly beat: (host: HostDocument, round: Round) => Promise<boolean>;
  readonly sample: (round: Round) => Promise<void>;
};

/** Tells a registry what a round has seen. Throws where it cannot be reached or refuses it. */
export function reporterTo(registry: HiveAddress, keyVariable: string): Reporter {
  const client = hiveClient(registry);
  const asker = { url: registry.url, hasKey: registry.nodeKey !== undefined, keyVariable };
  const mustTake = (answer: HiveAnswer) => {
    if (answer.status !== 200) throw refused(answer, asker);
  };
  return {
    register: async (host, { assets }, { services }) => {
      const document = { ...host, services, metrics: hostMetrics() };
      mustTake(await client.post('/v1/nodes/register', document));
      if (assets.length > 0) mustTake(await client.post('/v1/cluster/assets', { assets }));
    },
    beat: async ({ host_id, status }, { services }) => {
      const beat = { host_id, status, metrics: hostMetrics(), services };
      const answer = await client.post('/v1/nodes/heartbeat', beat);
      if (answer.status === 404) return false;
      mustTake(answer);
      return true;
    },
    sample: async ({ samples }) => {
      if (samples.length === 0) return;
      mustTake(await client.post('/v1/cluster/health/samples', { samples }));
    },
  };
}
