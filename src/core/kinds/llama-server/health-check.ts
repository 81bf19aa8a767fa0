import type { Endpoint } from '../../llama/instance.ts';
import { type HealthTarget, healthTarget } from '../../llama/run/addresses.ts';
import { hostPlace, type LlamaPlace, scriptWords } from './place.ts';

/** The words of the command that waits for an instance. `log` is '' where it goes to the journal. */
export function healthCheckOf(
  endpoint: Endpoint,
  log: string,
  place: LlamaPlace = hostPlace,
): readonly string[] {
  const target = healthTarget(endpoint);
  const { address } = target;
  const where = address.kind === 'socket' ? [address.path, '0'] : [address.host, `${address.port}`];
  return [...scriptWords(place, 'llama-health'), wayTo(target), ...where, endpoint.apiPrefix, log];
}

/** TLS and UNIX sockets are more than a shell can speak. */
export function needsCurl(endpoint: Endpoint): boolean {
  return wayTo(healthTarget(endpoint)) !== 'http';
}

function wayTo({ address, isTls }: HealthTarget): 'http' | 'https' | 'unix' {
  if (address.kind === 'socket') return 'unix';
  return isTls ? 'https' : 'http';
}
