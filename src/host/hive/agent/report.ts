import { refusedServices } from '../../../core/hive/agent/refused-services.ts';
import type { HealthSample, HostDocument, ServiceDocument } from '../../../core/hive/documents.ts';
import type { Inventory } from '../../../core/hive/inventory/inventory.ts';
import { type HiveAddress, type HiveAnswer, hiveClient } from '../client/hive-client.ts';
import { refused } from '../client/refused.ts';
import { hostMetrics } from './this-host.ts';

export type Reporter = {
  /**
   * Puts the host with these services in the place of what is registered of it. Answers with those that the registry does
   * not take, and why, by their ids.
   */
  readonly register: (
    host: HostDocument,
    services: readonly ServiceDocument[],
  ) => Promise<ReadonlyMap<string, string>>;
  /** What the host could load. */
  readonly offer: (assets: Inventory['assets']) => Promise<void>;
  /** False where the registry does not know the host, or not as it is now: it has to be registered again. */
  readonly beat: (host: HostDocument, services: readonly ServiceDocument[]) => Promise<boolean>;
  readonly sample: (samples: readonly HealthSample[]) => Promise<void>;
};

/** No such host, a service that another host has, and what is not as the registry wants it: of one service, say. */
const UNSETTLED: readonly number[] = [404, 409, 422];

/** Tells a registry what a round has seen. Throws where it cannot be reached or refuses it. */
export function reporterTo(registry: HiveAddress, keyVariable: string): Reporter {
  const client = hiveClient(registry);
  const asker = { url: registry.url, hasKey: registry.nodeKey !== undefined, keyVariable };
  const mustTake = (answer: HiveAnswer) => {
    if (answer.status !== 200) throw refused(answer, asker);
  };
  // One service that it does not take, such as one of a guest that it cannot reach, leaves the others as they are.
  const register = async (
    host: HostDocument,
    services: readonly ServiceDocument[],
  ): Promise<ReadonlyMap<string, string>> => {
    const document = { ...host, services, metrics: hostMetrics() };
    const answer = await client.post('/v1/nodes/register', document);
    const ids = services.map(({ service_id }) => service_id);
    const refusals = answer.status === 200 ? undefined : refusedServices(answer.body, ids);
    const kept = services.filter((_, at) => refusals?.has(at) !== true);
    if (refusals === undefined || kept.length === 0 || kept.length === services.length) {
      mustTake(answer);
      return new Map();
    }
    const bad = services.flatMap(({ service_id }, at) => {
      const why = refusals.get(at);
      return why === undefined ? [] : [[service_id, why] as const];
    });
    return new Map([...bad, ...(await register(host, kept))]);
  };
  return {
    register,
    offer: async (assets) => {
      if (assets.length > 0) mustTake(await client.post('/v1/cluster/assets', { assets }));
    },
    beat: async ({ host_id, status }, services) => {
      const beat = { host_id, status, metrics: hostMetrics(), services };
      const answer = await client.post('/v1/nodes/heartbeat', beat);
      if (UNSETTLED.includes(answer.status)) return false;
      mustTake(answer);
      return true;
    },
    sample: async (samples) => {
      if (samples.length === 0) return;
      mustTake(await client.post('/v1/cluster/health/samples', { samples }));
    },
  };
}
