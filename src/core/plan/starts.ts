import type { Group } from '../render/artefact.ts';
import {
  HUGEPAGES_UNIT,
  NETWORK_ENV,
  TARGET_UNIT,
  UNIT_DIR,
  VFIO_ENV,
  vfioDeviceEnv,
  vfioUnit,
} from '../resolve/layout.ts';
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
  const actions = withDevices(starts, input, stopped);
  return [...newTerms(actions, input, stopped), ...actions];
}

/** GPUs of runtimes that go on running, where what was agreed about them has changed. */
function newTerms(
  actions: readonly Action[],
  input: Context,
  stopped: ReadonlySet<string | undefined>,
): readonly Action[] {
  const done = new Set(actions.map(({ unit }) => unit));
  return input.assignments.flatMap(({ index, gpus }) =>
    gpus
      .filter((gpu) => isActive(input.observed.units.get(vfioUnit(gpu))))
      .filter((gpu) => !done.has(vfioUnit(gpu)) && !stopped.has(vfioUnit(gpu)))
      .flatMap((gpu) => bindOf(gpu, index, input, stopped)),
  );
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
    if (!isRestartDue(last, changed, group, unit, input)) return [];
    return again(unit, group, reason, input, notices);
  }
  if (isFailed(state)) return retry(unit, group, changed, reason, input, notices);
  if (last === undefined) return firstStart(unit, group, reason, input);
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

/** A reservation of pages grows under running VMs, which a restart of it would stop. */
function again(
  unit: string,
  group: Group,
  reason: string,
  input: Context,
  notices: Notice[],
): readonly Action[] {
  if (unit === HUGEPAGES_UNIT) return [{ verb: 'reload', unit, group, reason }];
  if (input.wanted.get(group)?.restart !== 'manual') {
    return [{ verb: 'restart', unit, group, reason }];
  }
  const network = input.changedFiles.get('shared')?.some(({ path }) => path === NETWORK_ENV);
  const meanwhile = network === true ? ', and until then it may be without its network' : '';
  const text = `its new definition is pending, since restart = "manual"${meanwhile}; \`systemctl restart ${unit}\` applies it`;
  notices.push({ unit, text });
  return [];
}

function firstStart(unit: string, group: Group, reason: string, input: Context): readonly Action[] {
  const isWanted = input.wanted.get(group)?.autostart !== false;
  return isWanted ? [{ verb: 'start', unit, group, reason }] : [];
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
    return [...gpus.flatMap((gpu) => bindOf(gpu, action.group, input, stopped)), action];
  });
}

/** A GPU that comes from another runtime, or whose terms have changed, is checked again without letting it go. */
function bindOf(
  gpu: string,
  group: Group,
  input: Context,
  stopped: ReadonlySet<string | undefined>,
): readonly Action[] {
  const unit = vfioUnit(gpu);
  if (isDown(input.observed.units.get(unit), stopped.has(unit))) {
    return [{ verb: 'start', unit, group, reason: 'device-needed' }];
  }
  const last = input.lastOwners.get(gpu);
  if (last !== undefined && last !== group) {
    return [{ verb: 'reload', unit, group, reason: `device-handed-over: ${last}` }];
  }
  const terms = new Set([VFIO_ENV, vfioDeviceEnv(gpu)]);
  const changed = input.changedFiles.get('shared')?.find(({ path }) => terms.has(path));
  return changed === undefined
    ? []
    : [{ verb: 'reload', unit, group, reason: `file-changed: ${changed.path}` }];
}

function isDown(state: UnitState | undefined, isStopped: boolean): boolean {
  return isStopped || !isActive(state);
}
