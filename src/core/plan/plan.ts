import type { DevicePin } from '../facts/device-pin.ts';
import type { Artefact, FileArtefact } from '../render/artefact.ts';
import { hostLayer, type Layer } from '../resolve/layer.ts';
import type { Member } from '../resolve/member.ts';
import type { Action } from './action.ts';
import { planActions } from './actions.ts';
import type { Change, Conflict, Notice } from './change.ts';
import { compare, type KnownManifest } from './changes.ts';
import { type Choices, noChoices } from './choices.ts';
import type { CompareContext, Comparison } from './comparison.ts';
import { type StartDigest, startDigests } from './digest.ts';
import { withDowntime } from './downtime.ts';
import { installedMembers } from './installed.ts';
import type { Manifest, ManifestRuntime } from './manifest.ts';
import { addMasks } from './masks.ts';
import type { Observed } from './observed.ts';
import { ownedAfterwards } from './owned.ts';
import { operatorDropIns, remarksOn, renumbered, unknownRecord } from './remarks.ts';
import { addShadowed } from './shadows.ts';
import { addStale, type PurgeData } from './stale.ts';

/** What an install does, as data: the dry run prints this value and the install applies this value. */
export type Plan = {
  readonly layer: Layer;
  /** In the order in which they are made. */
  readonly changes: readonly Change[];
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly notices: readonly Notice[];
  /** Units that go on running with an older definition. */
  readonly pending: readonly string[];
  /** False when the record of the last install could not be read, so that more may be to do. */
  readonly isComplete: boolean;
  /** What vllmd will own afterwards. */
  readonly owned: Pick<Manifest, 'files' | 'links' | 'dirs' | 'devices' | 'runtimes'>;
  /** The definitions that units will have been started with, by unit. */
  readonly digests: readonly StartDigest[];
};

export type PlannedAction = Action & {
  /** Before, with or after the writing of files. */
  readonly phase: 'before' | 'files' | 'after';
  /** How long its last start took, where it does not run meanwhile. */
  readonly downtimeSeconds?: number;
};

export type PlanInput = {
  /** That of the host where it is left out. */
  readonly layer?: Layer;
  readonly artefacts: readonly Artefact[];
  /** None to remove everything. */
  readonly runtimes: readonly ManifestRuntime[];
  readonly observed: Observed;
  readonly manifest: KnownManifest;
  /** Which systemctl calls may be made: a tree that is no running host has nobody to call. */
  readonly calls?: 'all' | 'no-start' | 'none' | undefined;
  /** Start units that failed although nothing about them changed. */
  readonly retryFailed?: boolean | undefined;
  /** Leave what runs as it is, with its old definition. */
  readonly noRestart?: boolean | undefined;
  readonly choices?: Choices | undefined;
  /** The number that this install gets if it changes something. */
  readonly generation?: number | undefined;
  /** A text that vllmd once wrote, by its sha256. */
  readonly lastTexts?: ((sha256: string) => string | undefined) | undefined;
  /** Whose disks are deleted as well. */
  readonly purgeData?: PurgeData | undefined;
  /** Devices that are taken from the host. */
  readonly pins?: readonly DevicePin[];
  /** What to say of a runtime whose definition changes, by index. */
  readonly remarks?: ReadonlyMap<Member, string>;
};

export function plan(input: PlanInput): Plan {
  const { runtimes, observed, manifest, choices = noChoices, layer = hostLayer } = input;
  const last = typeof manifest === 'object' ? manifest : undefined;
  const artefacts = input.artefacts.toSorted(byRank);
  const context = compareContext(input, last);
  const result = compare(artefacts, context);
  addShadowed(artefacts, observed, result);
  if (last !== undefined) {
    const wanted = new Set(artefacts.map((artefact) => artefact.path));
    addStale(last, { wanted, purgeData: input.purgeData ?? 'none' }, context, result);
  }
  const indices = runtimes.map(({ index }) => index);
  const masks = addMasks(indices, observed, choices, result);
  const effective = withKeptEdits(artefacts, observed, result);
  const digests = startDigests(effective, observed.dropIns, layer);
  const before = installedMembers(manifest, observed.entries);
  const actions = planActions({
    ...masks,
    layer,
    changes: result.changes,
    observed,
    manifest,
    digests,
    assignments: runtimes,
    currentAssignments: before,
    retryFailed: input.retryFailed === true,
    noRestart: input.noRestart === true,
  });
  return {
    layer,
    changes: result.changes,
    actions: withDowntime(
      [
        ...actions.before.map((action) => ({ ...action, phase: 'before' as const })),
        ...actions.links.map((action) => ({ ...action, phase: 'files' as const })),
        ...actions.after.map((action) => ({ ...action, phase: 'after' as const })),
      ].filter((action) => isAllowed(action, input.calls ?? 'all')),
      manifest,
    ),
    conflicts: result.conflicts,
    notices: [
      ...unknownRecord(manifest, layer),
      ...result.notices,
      ...remarksOn(result.changes, input.remarks),
      ...renumbered(before, runtimes, manifest),
      ...operatorDropIns(dropInTexts(effective), observed),
      ...actions.notices,
    ],
    pending: actions.pending,
    isComplete: manifest !== 'unknown',
    owned: {
      ...ownedAfterwards(artefacts, last, observed, result),
      devices: input.pins ?? [],
      runtimes,
    },
    digests,
  };
}

function compareContext(input: PlanInput, last: Manifest | undefined): CompareContext {
  const { observed, manifest, choices = noChoices, layer = hostLayer } = input;
  const files = new Map((last?.files ?? []).map((file) => [file.path, file]));
  const links = new Map((last?.links ?? []).map((link) => [link.path, link]));
  const generation = input.generation ?? (last?.generation ?? 0) + 1;
  return {
    observed,
    lastFile: (path) => (manifest === 'unknown' ? 'unknown' : files.get(path)),
    lastLink: (path) => links.get(path),
    made: new Set(last?.dirs ?? []),
    choices,
    command: layer.command,
    backupDir: `${layer.record.backups}/${generation}`,
    lastTexts: input.lastTexts ?? (() => undefined),
  };
}

/** What units are going to read: an edit that stays counts as it is. */
function withKeptEdits(
  artefacts: readonly Artefact[],
  observed: Observed,
  { pinned }: Comparison,
): readonly Artefact[] {
  if (pinned.size === 0) return artefacts;
  return artefacts.map((artefact) => {
    const actual = pinned.has(artefact.path) ? observed.entries.get(artefact.path) : undefined;
    return artefact.type === 'file' && actual?.type === 'file'
      ? { ...artefact, text: actual.text }
      : artefact;
  });
}

function dropInTexts(artefacts: readonly Artefact[]) {
  return artefacts
    .filter((artefact): artefact is FileArtefact => artefact.type === 'file')
    .flatMap(({ kind, group, text }) =>
      kind === 'dropin' && group !== 'shared' ? { index: group, text } : [],
    );
}

function isAllowed({ verb, phase }: PlannedAction, calls: 'all' | 'no-start' | 'none'): boolean {
  if (calls === 'all' || phase === 'files') return true;
  return calls === 'no-start' && (phase === 'before' || verb === 'daemon-reload');
}

export function isEmptyPlan(value: Plan): boolean {
  return value.changes.length === 0 && value.actions.length === 0;
}

/** Directories; what units read; helper units; runtime units; slice and target; links. A reader never meets a unit before its files. */
function byRank(a: Artefact, b: Artefact): number {
  return rank(a) - rank(b) || (a.path < b.path ? -1 : 1);
}

function rank(artefact: Artefact): number {
  if (artefact.type === 'directory') return 0;
  if (artefact.type === 'link') return 5;
  if (artefact.kind === 'dropin') return 3;
  if (artefact.kind !== 'unit') return 1;
  if (/\/vllmd-(runtime|llama)@\.service$/.test(artefact.path)) return 3;
  return artefact.path.endsWith('.service') ? 2 : 4;
}
