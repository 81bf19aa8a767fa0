import { renderLlama } from '../core/kinds/llama-server/llama-server.ts';
import type { LlamaInstance } from '../core/llama/instance.ts';
import { isActive, isStarting } from '../core/plan/observed.ts';
import { membersStay } from '../core/preflight/last-install.ts';
import { llamaPreflight } from '../core/preflight/llama/llama-preflight.ts';
import { byMember, instanceKey, memberUnit } from '../core/resolve/member.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readManifest } from '../host/inspect.ts';
import { readLlamaFacts } from '../host/read-llama-facts.ts';
import { type PlanOptions, type Prepared, prepare } from './prepare.ts';

export type LlamaPlanOptions = PlanOptions & {
  readonly allowEmpty: boolean;
  /** Undefined: an account that systemd makes up. */
  readonly user: string | undefined;
};

/** From a llama.cpp file to the plan of its install. Only reads. */
export async function prepareLlama(
  instances: readonly LlamaInstance[],
  host: HostReader,
  options: LlamaPlanOptions,
): Promise<Prepared> {
  const facts = await readLlamaFacts(host, instances, options.user);
  const artefacts = renderLlama(instances, facts);
  const manifest = await readManifest(host);
  const observed = await observe(host, artefacts, manifest);
  const runtimes = instances
    .map(({ name }) => ({
      ...{ index: instanceKey(name), gpus: [], autostart: true, restart: 'auto' as const },
    }))
    .toSorted((a, b) => byMember(a.index, b.index));
  const planned = await prepare({ artefacts, runtimes, observed, manifest }, host, {
    ...options,
    operation: 'install',
  });
  return {
    ...planned,
    findings: [
      ...llamaPreflight(instances, facts, (name) => {
        const state = observed.units.get(memberUnit(instanceKey(name)));
        return isActive(state) || isStarting(state);
      }),
      ...(options.allowEmpty ? [] : membersStay(instances.length, host.layer, manifest, observed)),
    ],
  };
}
