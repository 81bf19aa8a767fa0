import type { Policy, RuntimeBackend, RuntimeHost, RuntimeModel } from '../runtimes-file.ts';

/** The key of the file that keeps a host or a backend from being used. */
export type Rule =
  | 'hosts[].id'
  | 'hosts[].enabled'
  | 'hosts[].capabilities.backends'
  | 'backends[].id'
  | 'backends[].enabled'
  | 'backends[].host_filters'
  | 'models[].host_policy'
  | 'models[].backend_policy';

/** What a policy lets in, in its order; `any` is all of the file in the file's. */
export function inOrderOf<Entry extends { readonly id: string }>(
  policy: Policy,
  entries: readonly Entry[],
): readonly Entry[] {
  if (policy === 'any') return entries;
  return [...new Set(policy)].flatMap((id) => entries.find((entry) => entry.id === id) ?? []);
}

export function allows(policy: Policy, id: string): boolean {
  return policy === 'any' || policy.includes(id);
}

/** Whether a selection can have a model run on a host, switched on or off: with a backend, or without where it needs none. */
export function canRun(
  model: RuntimeModel,
  host: RuntimeHost,
  backends: readonly RuntimeBackend[],
): boolean {
  if (!allows(model.host_policy, host.id)) return false;
  if (model.backend_policy === 'any') return true;
  const fitting = inOrderOf(model.backend_policy, backends);
  return fitting.some((backend) => misfit(host, backend) === undefined);
}

/** Why a backend cannot run on a host; undefined where it can. */
export function misfit(
  host: RuntimeHost,
  backend: RuntimeBackend,
):
  | Extract<Rule, `${string}[].${'enabled' | 'host_filters' | 'capabilities.backends'}`>
  | undefined {
  if (!backend.enabled) return 'backends[].enabled';
  if (!allows(backend.host_filters, host.id)) return 'backends[].host_filters';
  return host.capabilities.backends.includes(backend.id)
    ? undefined
    : 'hosts[].capabilities.backends';
}
