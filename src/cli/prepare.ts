import type { ConfigInput } from '../core/config/config-input.gen.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import { type Plan, type PlanInput, plan } from '../core/plan/plan.ts';
import { disksStay, runtimesStay } from '../core/preflight/last-install.ts';
import { preflight } from '../core/preflight/preflight.ts';
import { render } from '../core/render/render.ts';
import { resolve } from '../core/resolve/resolve.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readAccount, readFacts, readManifest } from '../host/inspect.ts';

export type Prepared = {
  readonly plan: Plan;
  readonly manifest: KnownManifest;
  /** What this host lacks for the config; nothing is installed while there is any. */
  readonly blockers: readonly Diagnostic[];
};

/** From a config to the plan of its install. Only reads. */
export async function prepareInstall(
  input: ConfigInput,
  host: HostReader,
  options: Pick<PlanInput, 'retryFailed' | 'calls'> & { readonly allowEmpty: boolean },
): Promise<Prepared> {
  const desired = resolve(input, await readAccount(host, input.global.user));
  const artefacts = render(desired);
  const manifest = await readManifest(host);
  const observed = await observe(host, artefacts, manifest);
  return {
    plan: plan({
      artefacts,
      desired,
      observed,
      manifest,
      calls: options.calls,
      retryFailed: options.retryFailed,
    }),
    manifest,
    blockers: [
      ...preflight(desired, await readFacts(host, desired)),
      ...(options.allowEmpty ? [] : runtimesStay(desired, manifest)),
      ...disksStay(desired, manifest, observed),
    ],
  };
}

/** The plan that removes everything. */
export async function prepareUninstall(
  host: HostReader,
  options: { readonly purgeData: boolean },
): Promise<Prepared> {
  const manifest = await readManifest(host);
  const observed = await observe(host, [], manifest);
  const input = { artefacts: [], desired: undefined, observed, manifest, ...options };
  return { plan: plan(input), manifest, blockers: [] };
}
