import { visible } from '../../control-characters.ts';
import { isJsonObject, ownValue } from '../../fleet/json-value.ts';

/** Why single services of a registration are refused, by their position in it. */
export type Refusals = ReadonlyMap<number, string>;

/**
 * What a registry has against single services; undefined where it has something against the host too, or says nothing
 * that is known. `ids` are those of the services in their order.
 */
export function refusedServices(body: unknown, ids: readonly string[]): Refusals | undefined {
  return conflict(body, ids) ?? problems(body);
}

/** Of a service that another host has registered the registry tells the id. */
function conflict(body: unknown, ids: readonly string[]): Refusals | undefined {
  if (!isJsonObject(body) || ownValue(body, 'error') !== 'service_conflict') return undefined;
  const at = ids.indexOf(String(ownValue(body, 'service_id')));
  const owner = visible(JSON.stringify(ownValue(body, 'host_id')) ?? 'another one');
  return at < 0 ? undefined : new Map([[at, `the host ${owner} has registered it`]]);
}

function problems(body: unknown): Refusals | undefined {
  const detail = isJsonObject(body) ? ownValue(body, 'detail') : undefined;
  if (!Array.isArray(detail) || detail.length === 0) return undefined;
  const refused = new Map<number, string>();
  for (const problem of detail) {
    const found = serviceProblem(problem);
    if (found === undefined) return undefined;
    if (!refused.has(found.at)) refused.set(found.at, found.text);
  }
  return refused;
}

type Problem = { readonly at: number; readonly text: string };

function serviceProblem(problem: unknown): Problem | undefined {
  if (!isJsonObject(problem)) return undefined;
  const msg = ownValue(problem, 'msg');
  const loc = ownValue(problem, 'loc');
  if (typeof msg !== 'string' || !Array.isArray(loc)) return undefined;
  const [place, list, at, ...key] = loc;
  if (place !== 'body' || list !== 'services' || typeof at !== 'number') return undefined;
  return { at, text: `${key.map(String).join('.')}: ${msg}` };
}
