import { instant } from '../instant.ts';
import { blockerOf } from '../plan/blocked.ts';
import { effectiveDropIns } from '../plan/drop-ins.ts';
import type { InstalledRuntime } from '../plan/installed.ts';
import type { Manifest } from '../plan/manifest.ts';
import { maskOf } from '../plan/masks.ts';
import {
  absent,
  type Entry,
  isActive,
  isFailed,
  isStarting,
  type Observed,
  type UnitState,
} from '../plan/observed.ts';
import { runtimeUnit, TARGET_UNIT, UNIT_DIR } from '../resolve/layout.ts';
import { type GpuStatus, gpuStatus } from './gpu-status.ts';
import { type RuntimeState, stateOf } from './runtime-state.ts';
import { isUp, nextValues, type RuntimeValues, runningValues } from './runtime-values.ts';
import type { Moment } from './status.ts';

export type RuntimeStatus = RuntimeValues & {
  readonly index: number;
  readonly unit: string;
  /**
   * Whose `name`, `gpus`, `memory`, `cpus`, `hugepages`, `address` and `mac` these are: those of the VM as it runs, or of its
   * next start, where none runs or nobody knows what it was started with.
   */
  readonly values_of: 'running' | 'next start';
  /** In one word. */
  readonly state: RuntimeState;
  /** Begin of that state: RFC 3339, UTC; null where systemd does not know one. */
  readonly since: string | null;
  readonly active_state: string;
  readonly sub_state: string;
  /** Of the last start or stop, in systemd's words: success, exit-code, timeout, … */
  readonly result: string | null;
  /** How often systemd has started it again by itself. */
  readonly restarts: number;
  readonly main_pid: number;
  /** `gpus` with the driver that each has now. */
  readonly devices: readonly GpuStatus[];
  /**
   * What the kernel counts for the unit now: with memory that VFIO has pinned, which is all of a VM with GPUs, and with
   * cached pages of its disk, but without huge pages.
   */
  readonly memory_used_bytes: number | null;
  /** Starts at boot. */
  readonly enabled: boolean;
  /** What it runs with, compared with what a start now would give it. */
  readonly running: 'current' | 'older' | 'unknown' | 'not running';
  /** It runs with an older definition than that on the disk, until it is restarted. */
  readonly pending: boolean;
  readonly failed: boolean;
  /** The unit whose failure, or what of its own unit's assertions, has kept it from starting. */
  readonly blocked_by: string | null;
  /** Somebody has stopped it, or the guest has powered itself off: it is down without a failure, since a moment that is known. */
  readonly stopped_by_operator: boolean;
  /** It is down, and systemd knows of no start of it. */
  readonly not_started_since_boot: boolean;
  readonly masked: boolean;
  /** Of the install that its definition came with; null where the record does not say. */
  readonly generation: number | null;
  /** Drop-ins that vllmd has not written and that apply to it. */
  readonly drop_ins: readonly string[];
};

export type Digests = { readonly running: string | undefined; readonly onDisk: string | undefined };

type Runtime = Pick<InstalledRuntime, 'index' | 'gpus'>;

type Around = {
  readonly manifest: Manifest;
  readonly observed: Observed;
  readonly moment: Moment | undefined;
};

export function runtimeStatus(
  { index, gpus }: Runtime,
  digests: Digests,
  { manifest, observed, moment }: Around,
): RuntimeStatus {
  const unit = runtimeUnit(index);
  const record = manifest.units.find(({ name }) => name === unit);
  const values = valuesNow({ index, gpus }, digests, { manifest, observed });
  return {
    index,
    unit,
    ...values,
    ...asItRuns({ index, gpus }, digests, record !== undefined, { observed, moment }),
    ...asItIsNow(unit, values.gpus, moment),
    generation: record?.generation ?? null,
    drop_ins: effectiveDropIns(observed.dropIns.get(unit) ?? []).map(({ path }) => path),
  };
}

function valuesNow(
  runtime: Runtime,
  digests: Digests,
  { manifest, observed }: Pick<Around, 'manifest' | 'observed'>,
): RuntimeValues & Pick<RuntimeStatus, 'values_of'> {
  const running = runningValues(runtime.index, observed);
  if (running !== undefined) return { values_of: 'running', ...running };
  // What the record says that it was started from may still be what lies on the disk.
  const isSame = isUp(runtime.index, observed.units) && compared(digests) === 'current';
  const next = nextValues(runtime, manifest, observed);
  return { values_of: isSame ? 'running' : 'next start', ...next };
}

function asItRuns(
  { index, gpus }: Runtime,
  digests: Digests,
  wasStarted: boolean,
  { observed, moment }: Pick<Around, 'observed' | 'moment'>,
) {
  const usage = moment?.usage.get(runtimeUnit(index));
  const state = observed.units.get(runtimeUnit(index));
  const blocker = blockerOf({ index, gpus }, observed.units);
  const masked = maskOf(index, observed) !== undefined;
  const runs = isActive(state) || isStarting(state);
  const running = runs ? compared(digests) : 'not running';
  const link = entryAt(`${UNIT_DIR}/${TARGET_UNIT}.wants/${runtimeUnit(index)}`, observed);
  const enabled = link.type === 'link';
  const isDown = state?.activeState === 'inactive' && blocker === undefined;
  return {
    state: stateOf(state, { isBlocked: blocker !== undefined, isMasked: masked }),
    ...inSystemdsWords(state),
    enabled,
    running,
    pending: running === 'older',
    failed: isFailed(state),
    blocked_by: blocker ?? null,
    stopped_by_operator: isDown && enabled && !masked && wasStarted && usage?.sinceMs !== undefined,
    not_started_since_boot: isDown && usage !== undefined && usage.sinceMs === undefined,
    masked,
  } as const;
}

function inSystemdsWords(state: UnitState = untold) {
  return {
    active_state: state.activeState,
    sub_state: state.subState,
    result: state.result ?? null,
    restarts: state.restarts ?? 0,
    main_pid: state.mainPid,
  };
}

const untold: UnitState = {
  loadState: 'unknown',
  activeState: 'unknown',
  subState: 'unknown',
  mainPid: 0,
};

function asItIsNow(unit: string, gpus: readonly string[], moment: Moment | undefined) {
  const { sinceMs, memoryBytes } = moment?.usage.get(unit) ?? {};
  return {
    since: sinceMs === undefined ? null : instant(sinceMs),
    memory_used_bytes: memoryBytes ?? null,
    devices: moment === undefined ? [] : gpus.map((gpu) => gpuStatus(gpu, moment.drivers)),
  };
}

export function compared({ running, onDisk }: Digests): 'current' | 'older' | 'unknown' {
  if (running === undefined) return 'unknown';
  return running === onDisk ? 'current' : 'older';
}

function entryAt(path: string, observed: Observed): Entry {
  return observed.entries.get(path) ?? absent;
}
