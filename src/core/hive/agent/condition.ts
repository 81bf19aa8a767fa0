import { visible } from '../../control-characters.ts';
import type { HealthSample } from '../documents.ts';
import { type Reading, type Reply, statusOf } from './reading.ts';

/** How a service is, in words: `healthy`, or what is wrong with it. */
export function conditionOf({ status }: HealthSample, reading: Reading): string {
  const { health, models } = reading;
  if (status === 'healthy') {
    // Requests would not get further than this question.
    const code = statusOf(models) ?? 200;
    return code === 401 || code === 403 ? `healthy, but ${said('/v1/models', models)}` : 'healthy';
  }
  if (isLoading(health)) return 'unhealthy: it loads its model';
  const code = statusOf(health);
  const decides = code === 404 || code === 405 ? [said('/v1/models', models)] : [];
  return `unhealthy: ${[said('/health', health), ...decides].join(', ')}`;
}

/** llama-server listens before it has its model, and says so. */
export function isLoading(health: Reply): boolean {
  return health.kind === 'answer' && health.status === 503 && /\bloading\b/i.test(health.text);
}

function said(path: string, reply: Reply): string {
  if (reply.kind === 'answer') return `${path} answers ${reply.status}`;
  return `${path}: ${visible(reply.why)}`;
}
