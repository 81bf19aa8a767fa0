import type { LlamaInstance } from '../instance.ts';
import { listed } from './exported.ts';

/** Variables that stand for secrets in a config of llama-swap. */
export type SecretNames = {
  /** `LLAMA_API_KEY=${env.LLAMA_API_KEY_1}`, of what one instance needs. */
  readonly environmentOf: (instance: LlamaInstance) => readonly string[];
  /** Which variables somebody has to set. */
  readonly notes: readonly string[];
};

/**
 * A variable for each value: `LLAMA_API_KEY_1` for the first. Not that of llama-server itself, which every instance would
 * inherit from llama-swap, also one without a key.
 */
export function secretNames(instances: readonly LlamaInstance[]): SecretNames {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const users = new Map<string, string[]>();
  for (const { name, launch } of instances) {
    for (const [variable, value] of launch.secrets) {
      const known = names.get(keyOf(variable, value));
      const count = (counts.get(variable) ?? 0) + (known === undefined ? 1 : 0);
      const own = known ?? `${variable}_${count}`;
      counts.set(variable, count);
      names.set(keyOf(variable, value), own);
      users.set(own, [...(users.get(own) ?? []), name]);
    }
  }
  return {
    environmentOf: ({ launch }) =>
      [...launch.secrets].map(
        ([variable, value]) => `${variable}=\${env.${names.get(keyOf(variable, value))}}`,
      ),
    notes: [...users].map(
      ([name, all]) => `set ${name} in the environment of llama-swap, a secret of ${listed(all)}`,
    ),
  };
}

function keyOf(variable: string, value: string): string {
  return `${variable}=${value}`;
}
