import type { Group } from '../render/artefact.ts';
import type { Layer } from '../resolve/layer.ts';
import type { Member } from '../resolve/member.ts';
import type { Change } from './change.ts';
import type { KnownManifest } from './changes.ts';
import type { StartDigest } from './digest.ts';
import type { ManifestRuntime } from './manifest.ts';
import type { Masks } from './masks.ts';
import type { Observed } from './observed.ts';
import { runningDigests } from './running.ts';

type Verb =
  | 'stop'
  | 'disable'
  | 'enable'
  | 'unmask'
  | 'daemon-reload'
  | 'reset-failed'
  | 'reload'
  | 'restart'
  | 'start';

/** `enable`, `disable` and `unmask` are done by links among the changes; the others are systemctl calls. */
export type Action = {
  readonly verb: Verb;
  readonly unit?: string;
  readonly group: Group;
  /** A stable code, with what it is about behind a colon. */
  readonly reason: string;
};

/** GPUs of one member; an instance has none to itself. */
export type Assignment = { readonly index: Member; readonly gpus: readonly string[] };

export type ActionInput = Masks & {
  readonly layer: Layer;
  readonly changes: readonly Change[];
  readonly observed: Observed;
  readonly manifest: KnownManifest;
  readonly digests: readonly StartDigest[];
  readonly assignments: readonly ManifestRuntime[];
  /** Of the last install. */
  readonly currentAssignments: readonly Assignment[];
  /** Start units that failed although nothing about them changed. */
  readonly retryFailed: boolean;
  /** Restart nothing for the sake of a new definition. */
  readonly noRestart: boolean;
};

/** The input with what is looked up once a runtime, so that many runtimes cost no more than linear time. */
export type Context = ActionInput & {
  /** Units that the config has. */
  readonly wantedUnits: ReadonlySet<string>;
  /** What units were last started with by vllmd. */
  readonly lastDigests: ReadonlyMap<string, string>;
  /** What units that run were started with, by whomever. */
  readonly running: ReadonlyMap<string, string>;
  readonly changedFiles: ReadonlyMap<Group, readonly Change[]>;
  readonly gpusOf: ReadonlyMap<Group, readonly string[]>;
  readonly wanted: ReadonlyMap<Group, ManifestRuntime>;
  /** Which runtime of the last install has a GPU. */
  readonly lastOwners: ReadonlyMap<string, Member>;
};

export function withLookups(input: ActionInput): Context {
  const changedFiles = new Map<Group, Change[]>();
  for (const change of input.changes) {
    if (change.type !== 'file' || change.verb === 'metadata') continue;
    const known = changedFiles.get(change.group);
    if (known === undefined) changedFiles.set(change.group, [change]);
    else known.push(change);
  }
  const units = typeof input.manifest === 'string' ? [] : input.manifest.units;
  return {
    ...input,
    changedFiles,
    wantedUnits: new Set(input.digests.map(({ unit }) => unit)),
    lastDigests: new Map(units.map((unit) => [unit.name, unit.startDigest])),
    running: runningDigests(units, input.observed),
    gpusOf: new Map(input.assignments.map(({ index, gpus }) => [index, gpus])),
    wanted: new Map(input.assignments.map((runtime) => [runtime.index, runtime])),
    lastOwners: new Map(
      input.currentAssignments.flatMap(({ index, gpus }) =>
        gpus.map((gpu) => [gpu, index] as const),
      ),
    ),
  };
}
