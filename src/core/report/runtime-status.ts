import { environmentOf } from '../facts/environment.ts';
import { instant } from '../instant.ts';
import type { Assignment } from '../plan/action.ts';
import { blockerOf } from '../plan/blocked.ts';
import { effectiveDropIns } from '../plan/drop-ins.ts';
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
import { ETC_DIR, HUGEPAGES_UNIT, runtimeUnit, TARGET_UNIT, UNIT_DIR } from '../resolve/layout.ts';
import { type GpuStatus, gpuStatus } from './gpu-status.ts';
import type { NetworkStatus } from './guest-network.ts';
import { type RuntimeState, stateOf } from './runtime-state.ts';
import type { Moment } from './status.ts';

export type RuntimeStatus = {
  readonly index: number;
  readonly name: string;
  readonly gpus: readonly string[];
  readonly memory: string;
  readonly cpus: number;
  readonly unit: string;
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
  /** That the guest is given. */
  readonly memory_bytes: number | null;
  /**
   * What the kernel counts for the unit now: with memory that VFIO has pinned, which is all of a VM with GPUs, and with
   * cached pages of its disk, but without huge pages.
   */
  readonly memory_used_bytes: number | null;
  /** The guest's memory is made of reserved huge pages. */
  readonly hugepages: boolean;
  /** IPv4 address of the guest, where vllmd gives it one. */
  readonly address: string | null;
  /** For leases of somebody else's DHCP. */
  readonly mac: string | null;
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

export type Digests = { readonly running: string | undefined; readonly onDisk: string | undefined };

type Around = {
  readonly manifest: Manifest;
  readonly observed: Observed;
  readonly network: NetworkStatus;
  readonly moment: Moment | undefined;
};

export function runtimeStatus(
  { index, gpus }: Assignment,
  digests: Digests,
  { manifest, observed, network, moment }: Around,
): RuntimeStatus {
  const unit = runtimeUnit(index);
  const env = environmentOf(entryAt(`${ETC_DIR}/runtime-${index}.env`, observed));
  const record = manifest.units.find(({ name }) => name === unit);
  return {
    index,
    gpus,
    unit,
    ...asConfigured(env, network),
    ...asItRuns({ index, gpus }, digests, record !== undefined, observed),
    ...asItIsNow(unit, gpus, moment),
    hugepages: usesHugepages(entryAt(`${UNIT_DIR}/${unit}.d/10-vllmd.conf`, observed)),
    generation: record?.generation ?? null,
    drop_ins: effectiveDropIns(observed.dropIns.get(unit) ?? []).map(({ path }) => path),
  };
}

/** What its environment file says, which may be gone. */
function asConfigured(env: ReadonlyMap<string, string>, { mode }: NetworkStatus) {
  const memory = env.get('VLLMD_RUNTIME_MEMORY') ?? '';
  return {
    name: env.get('VLLMD_RUNTIME_NAME') ?? '',
    memory,
    cpus: Number(env.get('VLLMD_RUNTIME_CPUS') ?? 0),
    memory_bytes: bytesOf(memory),
    address: (mode === 'nat' && env.get('VLLMD_RUNTIME_ADDRESS')) || null,
    mac: (mode !== 'none' && env.get('VLLMD_RUNTIME_MAC')) || null,
  };
}

function asItRuns(
  { index, gpus }: Assignment,
  digests: Digests,
  wasStarted: boolean,
  observed: Observed,
) {
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
    stopped_by_operator: isDown && enabled && !masked && wasStarted,
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

/** `32G` */
function bytesOf(memory: string): number | null {
  const [, gib] = /^(\d+)G$/.exec(memory) ?? [];
  return gib === undefined ? null : Number(gib) * 2 ** 30;
}

function usesHugepages(dropIn: Entry): boolean {
  return dropIn.type === 'file' && dropIn.text.includes(`\nWants=${HUGEPAGES_UNIT}\n`);
}
