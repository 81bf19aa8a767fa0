import type { Group } from '../render/artefact.ts';
import { isTargetUnit } from '../resolve/layer.ts';
import { HUGEPAGES_UNIT, NETWORK_ENV } from '../resolve/layout.ts';
import { memberLink, memberUnit } from '../resolve/member.ts';
import type { Action, Context } from './action.ts';
import { blockerInWords, blockerOf } from './blocked.ts';
import type { Notice } from './change.ts';
import { withDevices } from './devices.ts';
import type { StartDigest } from './digest.ts';
import { isActive, isFailed, isStarting } from './observed.ts';
import { changeReason, firstReason, isNew } from './start-reason.ts';

export type Starts = {
  readonly actions: readonly Action[];
  readonly notices: readonly Notice[];
  /** Units that go on running with an older definition. */
  readonly pending: readonly string[];
};

type Stopped = ReadonlySet<string | undefined>;

/** One unit: what is done with it, or what is said instead. */
type Start = {
  readonly actions?: readonly Action[];
  readonly notice?: string;
  readonly isPending?: true;
};

/** Starts and restarts of runtimes and of what they share, each GPU's bind unit before the runtime that needs it. */
export function planStarts(input: Context, stopped: Stopped): Starts {
  const starts = input.digests.map((digest) => ({
    unit: digest.unit,
    ...startOf(digest, input, stopped),
  }));
  return {
    actions: withDevices(
      starts.flatMap(({ actions = [] }) => actions),
      input,
      stopped,
    ),
    notices: starts.flatMap(({ unit, notice: text }) => (text === undefined ? [] : { unit, text })),
    pending: starts.flatMap(({ unit, isPending }) => (isPending === true ? unit : [])),
  };
}

function startOf(start: StartDigest, input: Context, stopped: Stopped): Start {
  const { unit, group } = start;
  // Whether it ran, and with what, is in a record that cannot be read: only what is new is known to start.
  if (input.manifest === 'unknown' && !isNew(group, input)) return {};
  if (input.masked.has(unit)) return { notice: 'masked by the operator and left alone' };
  const last = input.lastDigests.get(unit);
  if (stopped.has(unit)) return { actions: [verb('start', start, reasonOf(start, last, input))] };
  const state = input.observed.units.get(unit);
  if (isActive(state) || isStarting(state)) return whileRunning(start, input);
  if (isFailed(state)) return retry(start, last, input, 'failed');
  if (last === undefined) return firstStart(start, input);
  const blocker = blockedBy(group, input);
  if (blocker !== undefined) return retry(start, last, input, `not started: ${blocker}`);
  if (isLeftBehind(unit, input)) {
    return { actions: [verb('start', start, firstReason(unit, group, input))] };
  }
  if (input.unmasked.has(unit)) return { actions: [verb('start', start, 'unmasked')] };
  return stoppedByHand(start, last !== start.digest);
}

function verb(name: Action['verb'], { unit, group }: StartDigest, reason: string): Action {
  return { verb: name, unit, group, reason };
}

function reasonOf(start: StartDigest, last: string | undefined, input: Context): string {
  const { unit, group } = start;
  return last === undefined ? firstReason(unit, group, input) : changeReason(unit, group, input);
}

function stoppedByHand({ unit }: StartDigest, changed: boolean): Start {
  const pending = changed ? '; its new definition is pending' : '';
  return {
    notice: `stopped by the operator and left so${pending}; \`sudo systemctl start ${unit}\` starts it`,
  };
}

function whileRunning(start: StartDigest, input: Context): Start {
  const { unit, group, digest } = start;
  if (isTargetUnit(unit)) return {};
  const running = input.running.get(unit);
  // A unit that runs though nothing says what it was started with is left alone unless its files change now.
  const isDue = running === undefined ? input.changedFiles.has(group) : running !== digest;
  if (!isDue) return {};
  const reason = changeReason(unit, group, input);
  // A reservation of pages grows under running VMs, which a restart of it would stop.
  if (unit === HUGEPAGES_UNIT) return { actions: [verb('reload', start, reason)] };
  const isManual = input.wanted.get(group)?.restart === 'manual';
  if (!isManual && !input.noRestart) return { actions: [verb('restart', start, reason)] };
  const network = input.changedFiles.get('shared')?.some(({ path }) => path === NETWORK_ENV);
  const meanwhile = network === true ? ', and until then it may be without its network' : '';
  const why = isManual ? 'since restart = "manual"' : 'because of --no-restart';
  const notice = `NOT restarting (pending): its new definition waits, ${why}${meanwhile}; \`sudo systemctl restart ${unit}\` applies it`;
  return { notice, isPending: true };
}

/** What the operator has disabled he starts himself. */
function firstStart(start: StartDigest, input: Context): Start {
  const { group, unit } = start;
  const isWanted = input.wanted.get(group)?.autostart !== false;
  if (!isWanted || isDisabled(group, input)) return {};
  return { actions: [verb('start', start, firstReason(unit, group, input))] };
}

function isDisabled(group: Group, { manifest, observed, changes }: Context): boolean {
  if (group === 'shared' || typeof manifest === 'string') return false;
  const path = memberLink(group);
  const wasEnabled = manifest.links.some((link) => link.path === path);
  const isThere = observed.entries.get(path)?.type === 'link';
  return wasEnabled && !isThere && !changes.some((change) => change.path === path);
}

/** Whoever stops the target stops its runtimes: while one runs, an install that was cut off has not come to its start. */
function isLeftBehind(unit: string, { assignments, observed: { units } }: Context): boolean {
  return (
    isTargetUnit(unit) &&
    units.get(unit)?.activeState === 'inactive' &&
    assignments.some(({ index }) => isActive(units.get(memberUnit(index))))
  );
}

/** In words: `vllmd-vfio@0000:01:00.0.service has failed` */
function blockedBy(group: Group, input: Context): string | undefined {
  const gpus = input.gpusOf.get(group);
  if (group === 'shared' || gpus === undefined) return undefined;
  const blocker = blockerOf({ index: group, gpus }, input.observed.units);
  return blocker === undefined ? undefined : blockerInWords(blocker);
}

function retry(start: StartDigest, last: string | undefined, input: Context, what: string): Start {
  const { unit } = start;
  const { command } = input.layer;
  const changed = last !== start.digest;
  if (changed || input.retryFailed) {
    const why = changed ? reasonOf(start, last, input) : 'retry-failed';
    return { actions: [verb('reset-failed', start, 'failed-before'), verb('start', start, why)] };
  }
  return {
    notice: `${what}, and nothing about it has changed; see \`journalctl -u ${unit}\`, then \`sudo ${command} install --retry-failed\``,
  };
}
