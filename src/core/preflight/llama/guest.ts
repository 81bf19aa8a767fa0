import type { Diagnostic } from '../../diagnostic.ts';
import type { LlamaFacts } from '../../facts/llama-facts.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import { controlChecks } from './control.ts';
import { executableChecks } from './executable.ts';

/** What would be wrong with the units of these instances in any guest: of its files nothing is known on the host. */
export function guestChecks(instances: readonly LlamaInstance[]): readonly Diagnostic[] {
  const facts: LlamaFacts = {
    systemd: true,
    systemdVersion: undefined,
    distribution: undefined,
    ownProgram: true,
    missing: [],
    account: undefined,
    gpuGroups: [],
    listeners: [],
    libraryDirectories: new Set(),
    executables: new Map(instances.map(({ executable }) => [executable, 'ok'])),
    modelFiles: new Map(),
    logDirectories: new Map(),
  };
  return [...executableChecks(instances, facts), ...controlChecks(instances, facts)];
}
