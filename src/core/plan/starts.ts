import type { Group } from '../render/artefact.ts';
import { TARGET_UNIT, UNIT_DIR, vfioUnit } from '../resolve/layout.ts';
import type { Action, Context } from './action.ts';
import type { Notice } from './change.ts';
import type { StartDigest } from './digest.ts';
import { isActive, isFailed, isStarting, type UnitState } from './observed.ts';

/** Starts and restarts of runtimes and of what they share, each GPU's bind unit before the runtime that needs it. */
export function planStarts(
  input: Context,
  stopped: ReadonlySet<string | undefined>,
  notices: Notice[],
): readonly Action[] {
  const starts = input.digests.flatMap((digest) => startOf(digest, input, stopped, notices));
  return withDevices(starts, input, stopped);
}

function startOf(
  { unit, group, digest }: StartDigest,
  input: Context,
  stopped: ReadonlySet<string | undefined>,
  notices: Notice[],
): readonly Action[] {
  const state = input.observed.units.get(unit);
  // Whether it ran, and with what, is in a record that cannot be read: only what is new is known to start.
  if (input.manifest === 'unknown' && !isNew(group, input.changedFiles)) return [];
  const last = input.lastDigests.get(unit);
  const changed = last !== digest;
  const reason = startReason(unit, group, last, input.changedFiles);
  if (state?.loadState === 'masked') {
    notices.push({ unit, text: 'masked by the operator and left alone' });
    return [];
  }
  if (stopped.has(unit)) return [{ verb: 'start', unit, group, reason }];
  if (isActive(state) || isStarting(state)) {
    const restart = isRestartDue(last, changed, group, unit, input);
    return restart ? [{ verb: 'restart', unit, group, reason }] : [];
  }
  if (isFailed(state)) return retry(unit, group, changed, reason, input, notices);
  if (last === undefined) return [{ verb: 'start', unit, group, reason }];
  notices.push({
    unit,
    text: `stopped by the operator and left so${changed ? '; its new definition is pending' : ''}; \`systemctl start ${unit}\` starts it`,
  });
  return [];
}

/** A unit that runs though no record says what it was started with is left alone unless its files change now. */
function isRestartDue(
  last: string | undefined,
  changed: boolean,
  group: Group,
  unit: string,
  input: Context,
): boolean {
  if (unit === TARGET_UNIT) return false;
  if (last !== undefined) return changed;
  return input.changedFiles.has(group);
}

function retry(
  unit: string,
  group: Group,
  changed: boolean,
  reason: string,
  input: Context,
  notices: Notice[],
): readonly Action[] {
  if (changed || input.retryFailed) {
    const why = changed ? reason : 'retry-failed';
    return [
      { verb: 'reset-failed', unit, group, reason: 'failed-before' },
      { verb: 'start', unit, group, reason: why },
    ];
  }
  notices.push({
    unit,
    text: `failed, and nothing about it has changed; see \`journalctl -u ${unit}\`, then \`vllmd install --retry-failed\``,
  });
  return [];
}

function startReason(
  unit: string,
  group: Group,
  last: string | undefined,
  changedFiles: Context['changedFiles'],
): string {
  if (last === undefined) return neverStarted(group, changedFiles);
  const template = changedFiles
    .get('shared')
    ?.filter((change) => change.path === `${UNIT_DIR}/vllmd-runtime@.service`);
  const relevant = [...(changedFiles.get(group) ?? []), ...(template ?? [])];
  const env = relevant.find((change) => change.reason.startsWith('env-changed'));
  if (env !== undefined) return env.reason;
  const [first] = relevant;
  return first === undefined ? `changed-since-start: ${unit}` : `file-changed: ${first.path}`;
}

function neverStarted(group: Group, changedFiles: Context['changedFiles']): string {
  if (group === 'shared') return 'first-install';
  return isNew(group, changedFiles) ? 'runtime-added' : 'last-start-failed';
}

function isNew(group: Group, changedFiles: Context['changedFiles']): boolean {
  return (
    group !== 'shared' &&
    changedFiles.get(group)?.some((change) => change.verb === 'create') === true
  );
}

/** Puts the bind unit of every GPU that is not bound yet before the runtime that needs it. */
function withDevices(
  starts: readonly Action[],
  input: Context,
  stopped: ReadonlySet<string | undefined>,
): readonly Action[] {
  return starts.flatMap((action) => {
    const gpus = input.gpusOf.get(action.group);
    if (gpus === undefined || action.verb === 'reset-failed') return [action];
    const binds = gpus
      .filter((gpu) => isDown(input.observed.units.get(vfioUnit(gpu)), stopped.has(vfioUnit(gpu))))
      .map((gpu) => ({
        verb: 'start' as const,
        unit: vfioUnit(gpu),
        group: action.group,
        reason: 'device-needed',
      }));
    return [...binds, action];
  });
}

function isDown(state: UnitState | undefined, isStopped: boolean): boolean {
  return isStopped || !isActive(state);
}
