import { visible } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Availability } from '../../core/hive/documents.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { hiveClient } from '../../host/hive/client/hive-client.ts';
import { refused } from '../../host/hive/client/refused.ts';
import type { World } from '../../host/world.ts';
import { NODE_KEY_VARIABLE, type RegistryOptions, registryForNode } from '../hive-registry.ts';
import { writeJson } from '../write-json.ts';

type DrainOptions = RegistryOptions & {
  readonly services: readonly string[];
  /** Draining, unless something else is wanted. */
  readonly availability: Availability | undefined;
  /** Gives them back to their hosts. */
  readonly undo: boolean;
  readonly json: boolean;
};

/** Says of services that they are to have no new requests, or that they may have them again. */
export async function hiveDrain(options: DrainOptions, world: World): Promise<number> {
  const { services, json } = options;
  const availability = wantedOf(options);
  const registry = registryForNode(options, world);
  const asker = {
    ...{ url: registry.url, hasKey: registry.nodeKey !== undefined },
    keyVariable: NODE_KEY_VARIABLE,
  };
  const client = hiveClient(registry);
  const unknown: string[] = [];
  for (const service_id of new Set(services)) {
    const body = { service_id, availability };
    const answer = await client.post('/v1/cluster/services/availability', body);
    if (answer.status === 404) unknown.push(service_id);
    else if (answer.status !== 200) throw refused(answer, asker);
    else if (!json)
      world.stdout.write(`${visible(service_id)}: ${availability ?? 'as its host says'}\n`);
  }
  if (json) writeJson(outcome(services, availability, unknown), world);
  if (unknown.length === 0) return exitCodes.ok;
  const names = unknown.map(visible).join(', ');
  const help = 'what is registered: /v1/cluster/services, and the page of the registry';
  throw new VllmdError('notFound', `the registry knows no service ${names}`, help);
}

/** Null gives them back to their hosts. */
function wantedOf({ undo, availability }: DrainOptions): Availability | null {
  if (!undo) return availability ?? 'draining';
  if (availability === undefined) return null;
  const help = 'leave one of them out';
  throw new VllmdError('usage', '--undo and --availability say different things', help);
}

function outcome(
  services: readonly string[],
  availability: Availability | null,
  unknown: readonly string[],
): object {
  const done = services.filter((id) => !unknown.includes(id));
  const ok = unknown.length === 0;
  return { format_version: FORMAT_VERSION, ok, availability, services: done, unknown };
}
