import type { Assignment } from '../plan/action.ts';
import { blockerOf, neededUnits } from '../plan/blocked.ts';
import { diskDigests } from '../plan/disk-digests.ts';
import { type Drift, drifted } from '../plan/drift.ts';
import { effectiveDropIns } from '../plan/drop-ins.ts';
import { installedRuntimes } from '../plan/installed.ts';
import type { Manifest } from '../plan/manifest.ts';
import { maskOf } from '../plan/masks.ts';
import {
  absent,
  type Entry,
  isActive,
  isFailed,
  isStarting,
  type Observed,
} from '../plan/observed.ts';
import { runningDigests } from '../plan/running.ts';
import { ETC_DIR, runtimeUnit, TARGET_UNIT, UNIT_DIR } from '../resolve/layout.ts';
import { FORMAT_VERSION } from './format-version.ts';

export type RuntimeStatus = {
  readonly index: number;
  readonly name: string;
  readonly gpus: readonly string[];
  readonly memory: string;
  readonly cpus: number;
  readonly unit: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly main_pid: number;
  /** Starts at boot. */
  readonly enabled: boolean;
  /** What it runs with, compared with what a start now would give it. */
  readonly running: 'current' | 'older' | 'unknown' | 'not running';
  /** It runs with an older definition than that on the disk, until it is restarted. */
  readonly pending: boolean;
  readonly failed: boolean;
  /** The unit whose failure, or what of its own unit's assertions, has kept it from starting. */
  readonly blocked_by: string | null;
  readonly stopped_by_operator: boolean;
  readonly masked: boolean;
  /** Of the install that its definition came with; null where the record does not say. */
  readonly generation: number | null;
  /** Drop-ins that vllmd has not written and that apply to it. */
  readonly drop_ins: readonly string[];
};

/** A unit that runtimes need. */
export type UnitStatus = {
  readonly unit: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly failed: boolean;
  /** As of a runtime. */
  readonly pending: boolean;
};

export type Status = {
  readonly format_version: string;
  readonly generation: number;
  readonly config: string;
  /** An install was cut off and has not been finished or undone yet. */
  readonly interrupted: boolean;
  /** An install is undone unless `vllmd confirm` comes. */
  readonly unconfirmed: boolean;
  readonly runtimes: readonly RuntimeStatus[];
  readonly units: readonly UnitStatus[];
  /** Paths that are no longer as vllmd wrote them. */
  readonly drifted: readonly string[];
  /** Edits that were told to stay. */
  readonly pinned: readonly string[];
  /** Every way in which the host is not as vllmd left it. */
  readonly drift: readonly Drift[];
};

export type Unfinished = Pick<Status, 'interrupted' | 'unconfirmed'>;

/** What is installed and how it runs, from the record of the last install and what is there now. */
export function statusOf(manifest: Manifest, observed: Observed, unfinished: Unfinished): Status {
  const installed = installedRuntimes(manifest, observed.entries);
  const running = runningDigests(manifest.units, observed);
  const onDisk = diskDigests(manifest, observed);
  const digestsOf = (unit: string) => ({ running: running.get(unit), onDisk: onDisk.get(unit) });
  const drift = drifted(manifest, observed);
  const ofKind = (...kinds: readonly Drift['kind'][]) => [
    ...new Set(drift.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)),
  ];
  return {
    format_version: FORMAT_VERSION,
    generation: manifest.generation,
    config: manifest.config.path,
    ...unfinished,
    runtimes: installed.map((runtime) =>
      runtimeStatus(runtime, digestsOf(runtimeUnit(runtime.index)), manifest, observed),
    ),
    units: [...new Set(installed.flatMap(neededUnits))].flatMap((unit) =>
      unitStatus(unit, digestsOf(unit), observed),
    ),
    drifted: ofKind('edited', 'missing', 'replaced', 'mode', 'owner', 'redirected'),
    pinned: ofKind('pinned'),
    drift,
  };
}

function unitStatus(unit: string, digests: Digests, { units }: Observed): readonly UnitStatus[] {
  const state = units.get(unit);
  if (state === undefined || state.loadState === 'not-found') return [];
  return [
    {
      unit,
      active_state: state.activeState,
      sub_state: state.subState,
      failed: isFailed(state),
      pending: isActive(state) && digests.onDisk !== undefined && compared(digests) === 'older',
    },
  ];
}

type Digests = { readonly running: string | undefined; readonly onDisk: string | undefined };

function runtimeStatus(
  { index, gpus }: Assignment,
  digests: Digests,
  manifest: Manifest,
  observed: Observed,
): RuntimeStatus {
  const unit = runtimeUnit(index);
  const state = observed.units.get(unit);
  const env = environment(entryAt(`${ETC_DIR}/runtime-${index}.env`, observed));
  const link = entryAt(`${UNIT_DIR}/${TARGET_UNIT}.wants/${unit}`, observed);
  const record = manifest.units.find(({ name }) => name === unit);
  const runs = isActive(state) || isStarting(state);
  const running = runs ? compared(digests) : 'not running';
  const enabled = link.type === 'link';
  const masked = maskOf(index, observed) !== undefined;
  const isDown = state?.activeState === 'inactive';
  const blocker = blockerOf({ index, gpus }, observed.units);
  return {
    index,
    name: env.get('VLLMD_RUNTIME_NAME') ?? '',
    gpus,
    memory: env.get('VLLMD_RUNTIME_MEMORY') ?? '',
    cpus: Number(env.get('VLLMD_RUNTIME_CPUS') ?? 0),
    unit,
    active_state: state?.activeState ?? 'unknown',
    sub_state: state?.subState ?? 'unknown',
    main_pid: state?.mainPid ?? 0,
    enabled,
    running,
    pending: running === 'older',
    failed: isFailed(state),
    blocked_by: blocker ?? null,
    stopped_by_operator:
      isDown && enabled && !masked && record !== undefined && blocker === undefined,
    masked,
    generation: record?.generation ?? null,
    drop_ins: effectiveDropIns(observed.dropIns.get(unit) ?? []).map(({ path }) => path),
  };
}

function compared({ running, onDisk }: Digests): 'current' | 'older' | 'unknown' {
  if (running === undefined) return 'unknown';
  return running === onDisk ? 'current' : 'older';
}

function entryAt(path: string, observed: Observed): Entry {
  return observed.entries.get(path) ?? absent;
}

/** Keys and values as `envValue` wrote them. */
function environment(entry: Entry): ReadonlyMap<string, string> {
  const lines = entry.type === 'file' ? entry.text.split('\n') : [];
  return new Map(
    lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => {
        const cut = line.indexOf('=');
        const value = line.slice(cut + 1);
        const isQuoted = value.startsWith('"');
        const plain = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
        return [line.slice(0, cut), plain];
      }),
  );
}
