import { type Diagnostic, errorAt } from '../../diagnostic.ts';
import type { LlamaFacts } from '../../facts/llama-facts.ts';
import { takers } from '../../llama/endpoint.ts';
import type { LlamaInstance } from '../../llama/instance.ts';

/** Whether an instance is up is asked at its port, and its default differs between builds. */
export function portChecks({ name, source, endpoint }: LlamaInstance): readonly Diagnostic[] {
  if (endpoint !== undefined) return [];
  return [
    errorAt(
      'llama-port-needed',
      source,
      `instance ${name} names no port: nobody could tell whether it is up`,
      'add port to its server table',
    ),
  ];
}

/** Whoever answers there would be taken for the instance, which ends as soon as it tries to listen. */
export function portsFree(
  instances: readonly LlamaInstance[],
  { listeners }: Pick<LlamaFacts, 'listeners'>,
  isRunning: (name: string) => boolean,
): readonly Diagnostic[] {
  const { take } = takers<'somebody' | 'instance'>();
  const plain = { isTls: false, apiPrefix: '' };
  for (const listener of listeners) take({ ...plain, ...listener }, 'somebody');
  return instances.flatMap(({ name, source, endpoint }) => {
    // One that runs is who listens.
    if (endpoint === undefined || endpoint.port === 0 || isRunning(name)) return [];
    if (take(endpoint, 'instance') !== 'somebody') return [];
    const message = `instance ${name}: something listens on port ${endpoint.port} already`;
    const help = `\`ss -ltnp 'sport = :${endpoint.port}'\` shows what; end it, or name another port`;
    return [errorAt('llama-port-in-use', source, message, help)];
  });
}
