import { isJsonObject, ownValue } from '../../fleet/json-value.ts';

/**
 * What a registry has against single services of a registration, by their position in it; undefined where it has something
 * against the host too, or says nothing that is known.
 */
export function refusedServices(body: unknown): ReadonlyMap<number, string> | undefined {
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

function serviceProblem(
  problem: unknown,
): { readonly at: number; readonly text: string } | undefined {
  if (!isJsonObject(problem)) return undefined;
  const msg = ownValue(problem, 'msg');
  const loc = ownValue(problem, 'loc');
  if (typeof msg !== 'string' || !Array.isArray(loc)) return undefined;
  const [place, list, at, ...key] = loc;
  if (place !== 'body' || list !== 'services' || typeof at !== 'number') return undefined;
  return { at, text: `${key.map(String).join('.')}: ${msg}` };
}
