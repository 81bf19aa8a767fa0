import type { Diagnostic } from '../../diagnostic.ts';
import type { LlamaFacts } from '../../facts/llama-facts.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import { ofHost } from '../check.ts';
import { programInPath, programsPresent, systemdChecks } from '../software.ts';
import { controlChecks } from './control.ts';
import { executableChecks } from './executable.ts';
import { modelChecks } from './models.ts';
import { portChecks, portsFree } from './port.ts';

/** What would stop these instances from running on this host, all of it, each at the line that asks for it. */
export function llamaPreflight(
  instances: readonly LlamaInstance[],
  facts: LlamaFacts,
  isRunning: (name: string) => boolean,
): readonly Diagnostic[] {
  return [
    ...accountExists(facts),
    ...systemdChecks(facts),
    ...programsPresent(facts),
    ...programInPath(facts, 'instance'),
    ...instances.flatMap(portChecks),
    ...portsFree(instances, facts, isRunning),
    ...executableChecks(instances, facts),
    ...instances.flatMap((instance) => modelChecks(instance, facts)),
    ...controlChecks(instances, facts),
  ];
}

function accountExists({ account }: LlamaFacts): readonly Diagnostic[] {
  if (account === undefined || account.known) return [];
  const message = `--user: there is no account ${account.name}`;
  const help = `sudo useradd --system --create-home ${account.name}, or leave --user out: systemd makes up an account then`;
  return [ofHost('llama-user', message, help)];
}
