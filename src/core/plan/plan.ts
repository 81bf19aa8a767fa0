import type { DevicePin } from '../facts/device-pin.ts';
import { gpusOfDropIn } from '../kinds/runtime-vm/drop-in.ts';
import type { Artefact } from '../render/artefact.ts';
import type { Desired } from '../resolve/desired.ts';
import { ETC_DIR, GRUB_CONFIG, MANIFEST_PATH, runtimeUnit, UNIT_DIR } from '../resolve/layout.ts';
import type { Action, Assignment } from './action.ts';
import { planActions } from './actions.ts';
import type { Change, Conflict, Notice } from './change.ts';
import { compare, type KnownManifest } from './changes.ts';
import { type StartDigest, sha256, startDigests } from './digest.ts';
import type { Manifest } from './manifest.ts';
import type { Observed } from './observed.ts';
import { isOwnDirectory } from './own-directories.ts';
import { addStale } from './stale.ts';

/** What an install does, as data: the dry run prints this value and the install applies this value. */
export type Plan = {
  /** In the order in which they are made. */
  readonly changes: readonly Change[];
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly notices: readonly Notice[];
  /** False when the record of the last install could not be read, so that more may be to do. */
  readonly isComplete: boolean;
  /** What vllmd will own afterwards. */
  readonly owned: Pick<Manifest, 'files' | 'links' | 'dirs' | 'devices'>;
  /** The definitions that units will have been started with, by unit. */
  readonly digests: readonly StartDigest[];
};

export type PlannedAction = Action & {
  /** Before, with or after the writing of files. */
  readonly phase: 'before' | 'files' | 'after';
};

export type PlanInput = {
  readonly artefacts: readonly Artefact[];
  /** Whose runtimes are wanted; undefined to remove everything. */
  readonly desired: Desired | undefined;
  readonly observed: Observed;
  readonly manifest: KnownManifest;
  /** Which systemctl calls may be made: a tree that is no running host has nobody to call. */
  readonly calls?: 'all' | 'no-start' | 'none' | undefined;
  /** Start units that failed although nothing about them changed. */
  readonly retryFailed?: boolean | undefined;
  /** Delete disks as well. */
  readonly purgeData?: boolean;
  /** Devices that are taken from the host. */
  readonly pins?: readonly DevicePin[];
  /** What to say of a runtime whose definition changes, by index. */
  readonly remarks?: ReadonlyMap<number, string>;
};

export function plan(input: PlanInput): Plan {
  const { desired, observed, manifest } = input;
  const artefacts = input.artefacts.toSorted(byRank);
  const result = compare(artefacts, observed, manifest);
  if (typeof manifest === 'object') {
    const wanted = new Set(artefacts.map((artefact) => artefact.path));
    const purgeData = input.purgeData === true;
    addStale(manifest, observed, { wanted, purgeData }, result);
  }
  const digests = startDigests(artefacts);
  const actions = planActions({
    changes: result.changes,
    observed,
    manifest,
    digests,
    assignments: desired?.runtimes ?? [],
    currentAssignments: currentAssignments(manifest, observed),
    retryFailed: input.retryFailed === true,
  });
  return {
    changes: result.changes,
    actions: [
      ...actions.before.map((action) => ({ ...action, phase: 'before' as const })),
      ...actions.links.map((action) => ({ ...action, phase: 'files' as const })),
      ...actions.after.map((action) => ({ ...action, phase: 'after' as const })),
    ].filter((action) => isAllowed(action, input.calls ?? 'all')),
    conflicts: result.conflicts,
    notices: [
      ...unknownRecord(manifest),
      ...result.notices,
      ...remarks(result.changes, input),
      ...actions.notices,
    ],
    isComplete: manifest !== 'unknown',
    owned: { ...ownedAfterwards(artefacts, manifest, result.changes), devices: input.pins ?? [] },
    digests,
  };
}

function isAllowed({ verb, phase }: PlannedAction, calls: 'all' | 'no-start' | 'none'): boolean {
  if (calls === 'all' || phase === 'files') return true;
  return calls === 'no-start' && (phase === 'before' || verb === 'daemon-reload');
}

/** What follows from a change that no diff shows. */
function remarks(changes: readonly Change[], input: PlanInput): readonly Notice[] {
  const ofGroups = changes.flatMap(({ path, verb, group }) => {
    if (path === GRUB_CONFIG) {
      return { path, text: 'takes effect after `update-grub` and a reboot of this host' };
    }
    const text = typeof group === 'number' ? input.remarks?.get(group) : undefined;
    if (text === undefined || verb === 'metadata' || !path.endsWith('.vm.json')) return [];
    return { unit: `runtime ${group}`, text };
  });
  return [...ofGroups, ...madeOnce(changes)];
}

/** A guest that has booted keeps what its first boot and its disk were made of. */
function madeOnce(changes: readonly Change[]): readonly Notice[] {
  const old = changes.filter(({ verb }) => verb === 'update');
  const about = (test: (change: Change) => boolean, text: string) =>
    [...new Set(old.filter(test).map(({ group }) => group))].map((group) => ({
      unit: `runtime ${group}`,
      text: `${text}; \`vllmd disk reset ${group}\` starts it afresh`,
    }));
  return [
    ...about(
      ({ path }) => path.includes('/cloud-init/'),
      'a guest reads users, keys, packages and addresses at its first boot only: change them inside as well',
    ),
    ...about(
      ({ path, reason }) =>
        path.startsWith(`${ETC_DIR}/`) && reason.includes('VLLMD_RUNTIME_BASE_IMAGE'),
      'its disk stays the copy of the old base image',
    ),
  ];
}

function unknownRecord(manifest: KnownManifest): readonly Notice[] {
  if (manifest !== 'unknown') return [];
  const text = 'needs root to read: removals, restarts and edits by hand are not in this plan';
  return [{ path: MANIFEST_PATH, text }];
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
  if (artefact.path.endsWith('@.service') && artefact.path.includes('vllmd-runtime@')) return 3;
  return artefact.path.endsWith('.service') ? 2 : 4;
}

/** Which GPUs each runtime of the last install has, read from the drop-ins that vllmd wrote. */
function currentAssignments(manifest: KnownManifest, observed: Observed): readonly Assignment[] {
  if (typeof manifest === 'string') return [];
  const indices = manifest.files
    .filter((file) => file.kind === 'dropin' && typeof file.group === 'number')
    .map((file) => Number(file.group))
    .sort((a, b) => a - b);
  return indices.map((index) => {
    const entry = observed.entries.get(`${UNIT_DIR}/${runtimeUnit(index)}.d/10-vllmd.conf`);
    const text = entry?.type === 'file' ? entry.text : '';
    const gpus = gpusOfDropIn(text);
    return { index, gpus };
  });
}

function ownedAfterwards(
  artefacts: readonly Artefact[],
  manifest: KnownManifest,
  changes: readonly Change[],
): Plan['owned'] {
  const made = changes
    .filter((change) => change.type === 'directory' && change.verb === 'create')
    .map((change) => change.path);
  // A runtime's directory may be there from before, with its disk; it goes with the runtime's data.
  const runtimeDirs = artefacts.map((artefact) => artefact.path).filter(isOwnDirectory);
  const before = typeof manifest === 'object' ? manifest.dirs : [];
  return {
    files: artefacts
      .filter((artefact) => artefact.type === 'file')
      .map((file) => ({
        path: file.path,
        mode: octal(file.mode),
        uid: file.owner.uid,
        gid: file.owner.gid,
        sha256: sha256(file.text),
        kind: file.kind,
        group: file.group,
        secret: file.sensitive,
      })),
    links: artefacts
      .filter((artefact) => artefact.type === 'link')
      .map(({ path, target, unit, group }) => ({ path, target, unit, group })),
    dirs: [...new Set([...before, ...made, ...runtimeDirs])].sort(),
  };
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
