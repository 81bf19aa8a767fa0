import type { ConfigInput } from '../core/config/config-input.gen.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { DevicePin } from '../core/facts/device-pin.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import { type Plan, type PlanInput, plan } from '../core/plan/plan.ts';
import { disksStay, runtimesKept, runtimesStay } from '../core/preflight/last-install.ts';
import { preflight } from '../core/preflight/preflight.ts';
import { runtimePaths, runtimeUnit } from '../core/resolve/layout.ts';
import { type Composition, compose } from '../host/compose.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readManifest } from '../host/inspect.ts';
import type { Copy } from '../host/watch-copy.ts';

export type Prepared = {
  readonly plan: Plan;
  readonly manifest: KnownManifest;
  /** What this host lacks for the config; nothing is installed while there is an error among it. */
  readonly findings: readonly Diagnostic[];
  /** Disks that will be made when their unit starts, by unit. */
  readonly copies: ReadonlyMap<string, Copy>;
};

/** From a config to the plan of its install. Only reads. */
export async function prepareInstall(
  input: ConfigInput,
  host: HostReader,
  options: Pick<PlanInput, 'retryFailed' | 'calls'> & { readonly allowEmpty: boolean },
): Promise<Prepared> {
  const composition = await compose(input, host);
  const { desired, facts, manifest, artefacts, context, recordedPins } = composition;
  const { placements } = context;
  const observed = await observe(host, artefacts, manifest);
  return {
    plan: plan({
      artefacts,
      desired,
      observed,
      manifest,
      calls: options.calls,
      retryFailed: options.retryFailed,
      pins: [...context.pins, ...leftOver(composition)],
      remarks: new Map(
        [...placements].flatMap(([index, { note }]) => (note === '' ? [] : [[index, note]])),
      ),
    }),
    manifest,
    findings: withoutStart(options.calls, [
      ...composition.problems,
      ...preflight({ desired, facts, placements, pins: recordedPins }),
      ...(options.allowEmpty ? [] : runtimesStay(desired, manifest)),
      ...runtimesKept(desired, manifest, observed),
      ...disksStay(desired, manifest, observed),
    ]),
    copies: copiesOf(composition),
  };
}

/** A GPU that was given up and stays on vfio-pci is known until it is asked for again: its driver is not asked any more. */
function leftOver({ desired, context, recordedPins }: Composition): readonly DevicePin[] {
  if (desired.vfio.onRelease !== 'keep-vfio') return [];
  const wanted = new Set(context.pins.map(({ address }) => address));
  return [...recordedPins.values()].filter(({ address }) => !wanted.has(address));
}

/** What a reboot with other kernel parameters cures keeps nobody from writing these parameters first. */
const curedByReboot: ReadonlySet<string> = new Set(['iommu-on', 'interrupt-remapping']);

function withoutStart(
  calls: PlanInput['calls'],
  findings: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (calls !== 'no-start') return findings;
  return findings.map((finding) =>
    curedByReboot.has(finding.rule) ? { ...finding, severity: 'warning' } : finding,
  );
}

function copiesOf({ desired, facts }: Composition): ReadonlyMap<string, Copy> {
  return new Map(
    desired.runtimes.flatMap(({ index, baseImage }) => {
      const { dir } = runtimePaths(desired, index);
      const image = facts.images.get(baseImage);
      if (image === undefined || facts.diskOwners.has(`${dir}/disk.raw`)) return [];
      const copy = { index, path: `${dir}/disk.raw.new`, totalBytes: image.allocatedBytes };
      return [[runtimeUnit(index), copy] as const];
    }),
  );
}

/** The plan that removes everything. */
export async function prepareUninstall(
  host: HostReader,
  options: { readonly purgeData: boolean },
): Promise<Prepared> {
  const manifest = await readManifest(host);
  const observed = await observe(host, [], manifest);
  const input = { artefacts: [], desired: undefined, observed, manifest, ...options };
  return { plan: plan(input), manifest, findings: [], copies: new Map() };
}

export function blockers({ findings }: Prepared): readonly Diagnostic[] {
  return findings.filter(({ severity }) => severity === 'error');
}
