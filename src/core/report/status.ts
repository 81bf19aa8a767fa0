import type { UnitUsage } from '../facts/unit-usage.ts';
import { instant } from '../instant.ts';
import { neededUnits } from '../plan/blocked.ts';
import { diskDigests } from '../plan/disk-digests.ts';
import { type Drift, drifted } from '../plan/drift.ts';
import { type InstalledRuntime, installedRuntimes } from '../plan/installed.ts';
import type { Manifest } from '../plan/manifest.ts';
import { isActive, isFailed, type Observed } from '../plan/observed.ts';
import { runningDigests } from '../plan/running.ts';
import { runtimeUnit } from '../resolve/layout.ts';
import { type Attention, attentionOf, type HeldGpu } from './attention.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { gpuStatus } from './gpu-status.ts';
import { type NetworkStatus, networkOf } from './guest-network.ts';
import { compared, type Digests, type RuntimeStatus, runtimeStatus } from './runtime-status.ts';

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
  readonly ok: true;
  /** When this was looked at: RFC 3339, UTC. */
  readonly at: string;
  readonly generation: number;
  readonly config: string;
  /** An install was cut off and has not been finished or undone yet. */
  readonly interrupted: boolean;
  /** An install is undone unless `vllmd confirm` comes. */
  readonly unconfirmed: boolean;
  /** Who changes this host at the moment, in words. */
  readonly busy: string | null;
  /** What needs somebody, worst first, with what to type. */
  readonly attention: readonly Attention[];
  readonly network: NetworkStatus;
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

/** What changes from one moment to the next, and is in no plan. */
export type Moment = {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly usage: ReadonlyMap<string, UnitUsage>;
  /** The driver that has a device now, by PCI address; '' for none. A device that is not there is not in it. */
  readonly drivers: ReadonlyMap<string, string>;
  readonly busy?: string | undefined;
};

/** What is installed and how it runs, from the record of the last install and what is there now. */
export function statusOf(
  manifest: Manifest,
  observed: Observed,
  unfinished: Unfinished,
  moment?: Moment,
): Status {
  const installed = installedRuntimes(manifest, observed.entries);
  const running = runningDigests(manifest.units, observed);
  const onDisk = diskDigests(manifest, observed);
  const digestsOf = (unit: string) => ({ running: running.get(unit), onDisk: onDisk.get(unit) });
  const drift = drifted(manifest, observed);
  const network = networkOf(manifest, observed);
  const runtimes = installed.map((runtime) =>
    runtimeStatus(runtime, digestsOf(runtimeUnit(runtime.index)), {
      ...{ manifest, observed, moment },
    }),
  );
  const units = [...new Set(installed.flatMap(neededUnits))].flatMap((unit) =>
    unitStatus(unit, digestsOf(unit), observed),
  );
  return {
    ...noStatus(moment?.nowMs ?? 0),
    ...unfinished,
    generation: manifest.generation,
    config: manifest.config.path,
    busy: moment?.busy ?? null,
    attention: attentionOf({
      ...{ ...unfinished, runtimes, units, drift },
      waiting: waitingGpus(installed, runtimes, moment),
    }),
    network,
    runtimes,
    units,
    drifted: ofKind(drift, 'edited', 'missing', 'replaced', 'mode', 'owner', 'redirected'),
    pinned: ofKind(drift, 'pinned'),
    drift,
  };
}

/** Of a host where nothing is installed. */
export function noStatus(nowMs: number, unfinished?: Unfinished): Status {
  const nothing = { interrupted: false, unconfirmed: false, ...unfinished };
  const lists = { runtimes: [], units: [], drift: [] };
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    at: instant(nowMs),
    generation: 0,
    config: '',
    ...nothing,
    busy: null,
    attention: attentionOf({ ...nothing, ...lists, waiting: [] }),
    network: { mode: null, bridge: null },
    ...lists,
    drifted: [],
    pinned: [],
  };
}

/** What a VM gets with its next start only. */
function waitingGpus(
  installed: readonly InstalledRuntime[],
  runtimes: readonly RuntimeStatus[],
  moment: Moment | undefined,
): readonly HeldGpu[] {
  if (moment === undefined) return [];
  const shown = new Map(runtimes.map(({ index, gpus }) => [index, gpus]));
  return installed.flatMap(({ index, gpus }) =>
    gpus
      .filter((address) => shown.get(index)?.includes(address) !== true)
      .map((address) => ({ index, gpu: gpuStatus(address, moment.drivers) })),
  );
}

function ofKind(drift: readonly Drift[], ...kinds: readonly Drift['kind'][]): readonly string[] {
  return [...new Set(drift.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path))];
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
