import type { Group } from '../render/artefact.ts';
import { VFIO_ENV, vfioDeviceEnv, vfioUnit } from '../resolve/layout.ts';
import type { Action, Context } from './action.ts';
import { isActive } from './observed.ts';

/** Starts with the bind unit of every GPU that is not bound yet before the runtime that needs it. */
export function withDevices(
  starts: readonly Action[],
  input: Context,
  stopped: ReadonlySet<string | undefined>,
): readonly Action[] {
  const actions = starts.flatMap((action) => {
    const gpus = input.gpusOf.get(action.group);
    if (gpus === undefined || action.verb === 'reset-failed') return [action];
    return [...gpus.flatMap((gpu) => bindOf(gpu, action.group, input, stopped)), action];
  });
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

/** A GPU that comes from another runtime, or whose terms have changed, is checked again without letting it go. */
function bindOf(
  gpu: string,
  group: Group,
  input: Context,
  stopped: ReadonlySet<string | undefined>,
): readonly Action[] {
  const unit = vfioUnit(gpu);
  if (stopped.has(unit) || !isActive(input.observed.units.get(unit))) {
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
