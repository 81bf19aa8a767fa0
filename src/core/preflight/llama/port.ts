import { type Diagnostic, errorAt } from '../../diagnostic.ts';
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
