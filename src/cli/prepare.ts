import type { ConfigInput } from '../core/config/config-input.gen.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { DevicePin } from '../core/facts/device-pin.ts';
import { VllmdError } from '../core/failure.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import { type Choices, checkChoices, checkPurge, noChoices } from '../core/plan/choices.ts';
import type { ManifestRuntime } from '../core/plan/manifest.ts';
import type { Observed } from '../core/plan/observed.ts';
import { type Plan, type PlanInput, plan } from '../core/plan/plan.ts';
import { withinDowntime } from '../core/preflight/downtime.ts';
import { disksStay, membersStay, runtimesKept } from '../core/preflight/last-install.ts';
import { preflight } from '../core/preflight/preflight.ts';
import type { Artefact } from '../core/render/artefact.ts';
import type { DesiredRuntime } from '../core/resolve/desired.ts';
import { runtimePaths, runtimeUnit } from '../core/resolve/layout.ts';
import {
  byMember,
  kindInWords,
  type Member,
  memberInWords,
  memberName,
} from '../core/resolve/member.ts';
import { onlyRuntimes, type Transaction, transactionOf } from '../core/transaction/groups.ts';
import type { Operation } from '../core/transaction/journal.ts';
import { type Composition, compose } from '../host/compose.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readManifest } from '../host/inspect.ts';
import type { LlamaFiles } from '../host/llama-files.ts';
import { readWholeGeneration } from '../host/transaction/store.ts';
import type { Copy } from '../host/watch-copy.ts';

export type Prepared = {
  readonly operation: Operation;
  /** What is shown, and carried out. */
  readonly transaction: Transaction;
  /** With what --only leaves out. */
  readonly wholePlan: Plan;
  /** Members that --only leaves out. */
  readonly others: readonly Member[];
  readonly artefacts: readonly Artefact[];
  readonly observed: Observed;
  readonly manifest: KnownManifest;
  /** What this host lacks for the config; nothing is installed while there is an error among it. */
  readonly findings: readonly Diagnostic[];
  /** Disks that will be made when their unit starts, by unit. */
  readonly copies: ReadonlyMap<string, Copy>;
};

export type PlanOptions = Pick<PlanInput, 'retryFailed' | 'noRestart' | 'calls' | 'purgeData'> & {
  readonly choices: Choices;
  /** None: all. */
  readonly only?: readonly Member[] | undefined;
};

/** From a config to the plan of its install. Only reads. */
export async function prepareInstall(
  input: ConfigInput,
  host: HostReader,
  options: PlanOptions & {
    /** What the config names. */
    readonly llama?: LlamaFiles | undefined;
    readonly allowEmpty: boolean;
    readonly maxDowntimeMs?: number | undefined;
  },
): Promise<Prepared> {
  const composition = await compose(input, host, options.llama);
  const { desired, facts, manifest, artefacts, context, recordedPins } = composition;
  const { placements } = context;
  const observed = await observe(host, artefacts, manifest);
  const planned = await prepare(
    {
      artefacts,
      runtimes: desired.runtimes.map(asRecorded),
      observed,
      manifest,
      pins: [...context.pins, ...leftOver(composition)],
      remarks: new Map(
        [...placements].flatMap(([index, { note }]) => (note === '' ? [] : [[index, note]])),
      ),
    },
    host,
    { ...options, operation: 'install' },
  );
  return {
    ...planned,
    findings: withoutStart(options.calls, [
      ...composition.problems,
      ...preflight({ desired, facts, placements, pins: recordedPins }),
      ...(options.allowEmpty
        ? []
        : membersStay(desired.runtimes.length, host.layer, manifest, observed)),
      ...runtimesKept(desired, manifest, observed),
      ...disksStay(desired, manifest, observed),
      ...withinDowntime(planned.transaction.plan.actions, options.maxDowntimeMs),
    ]),
    copies: copiesOf(composition),
  };
}

/** The plan for what shall lie on the host, whoever says so: a config, a generation, nobody. */
export async function prepare(
  input: PlanInput,
  host: HostReader,
  options: PlanOptions & { readonly operation: Operation },
): Promise<Prepared> {
  const { only, choices, operation } = options;
  const wholePlan = await planWithTexts({ ...input, ...options }, host);
  checkChoices(wholePlan, choices, operation);
  checkPurge(wholePlan, options.purgeData ?? 'none');
  const whole = transactionOf(wholePlan, input.manifest);
  const { artefacts, observed, manifest } = input;
  const fixed = { findings: [], copies: new Map() };
  const base = { operation, artefacts, observed, manifest, wholePlan, ...fixed };
  if (only === undefined) return { ...base, transaction: whole, others: [] };
  checkOnly(only, input);
  const { plan: chosen, others } = onlyRuntimes(whole, only);
  const notices = others.map((index) => ({
    unit: memberInWords(index),
    text: 'changes as well, and is left out by --only',
  }));
  const restricted = { ...chosen, notices: [...chosen.notices, ...notices] };
  return { ...base, transaction: transactionOf(restricted, manifest), others };
}

/** What vllmd last wrote is looked up only where somebody has changed it. */
async function planWithTexts(input: PlanInput, host: HostReader): Promise<Plan> {
  const { layer } = host;
  const first = plan({ ...input, layer });
  const { manifest } = input;
  const isDrifted = first.conflicts.some(({ kind }) => kind === 'drifted');
  if (!isDrifted || typeof manifest !== 'object') return first;
  const last = await readWholeGeneration(host, manifest.generation);
  return plan({ ...input, layer, lastTexts: (sha256) => last?.texts[sha256] });
}

function checkOnly(only: readonly Member[], { runtimes, manifest }: PlanInput): void {
  const before = typeof manifest === 'object' ? (manifest.runtimes ?? []) : [];
  const known = [...new Set([...runtimes, ...before].map(({ index }) => index))];
  const unknown = only.find((index) => !known.includes(index));
  if (unknown === undefined) return;
  const list = known.toSorted(byMember).map(memberName).join(', ');
  throw new VllmdError(
    'usage',
    `--only ${memberName(unknown)}: there is no such ${kindInWords(unknown)}`,
    `there are: ${list}`,
  );
}

function asRecorded(runtime: DesiredRuntime): ManifestRuntime {
  const { index, gpus, autostart, restart, preventRemoval } = runtime;
  return { index, gpus, autostart, restart, preventRemoval };
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
  options: { readonly purgeData: boolean; readonly choices?: Choices },
): Promise<Prepared> {
  const manifest = await readManifest(host);
  const observed = await observe(host, [], manifest);
  const { purgeData, choices = noChoices } = options;
  return prepare({ artefacts: [], runtimes: [], observed, manifest }, host, {
    operation: 'uninstall',
    choices,
    purgeData: purgeData ? 'all' : 'none',
  });
}

export function blockers({ findings }: Prepared): readonly Diagnostic[] {
  return findings.filter(({ severity }) => severity === 'error');
}
