import { visible } from '../../control-characters.ts';
import { isJsonObject, ownValue } from '../../fleet/json-value.ts';

/** What a registry says of a request that it refuses, one line a problem; none where it says nothing that is known. */
export function refusalLines(body: unknown): readonly string[] {
  const detail = isJsonObject(body) ? ownValue(body, 'detail') : undefined;
  if (typeof detail === 'string') return [visible(detail)];
  return Array.isArray(detail) ? detail.flatMap(problemLine) : namedLine(body);
}

/** Of what a registry tells by name alone. */
function namedLine(body: unknown): readonly string[] {
  if (!isJsonObject(body)) return [];
  const host = JSON.stringify(ownValue(body, 'host_id'));
  const service = JSON.stringify(ownValue(body, 'service_id'));
  switch (ownValue(body, 'error')) {
    case 'service_conflict':
      return [visible(`the host ${host} has registered the service ${service}`)];
    case 'unknown_host':
      return [visible(`it knows no host ${host}`)];
    case 'unknown_service':
      return [visible(`it knows no service ${service}`)];
    default:
      return [];
  }
}

/** Without the input: it may be large, and may be a secret. */
function problemLine(problem: unknown): readonly string[] {
  if (!isJsonObject(problem)) return [];
  const msg = ownValue(problem, 'msg');
  const loc = ownValue(problem, 'loc');
  if (typeof msg !== 'string') return [];
  const place = Array.isArray(loc) ? loc.map(String).join('.') : '';
  return [visible(place === '' ? msg : `${place}: ${msg}`)];
}
