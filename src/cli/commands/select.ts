import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { ActiveRecord } from '../../core/fleet/active-record.ts';
import { withProbeTimeout } from '../../core/fleet/execution/with-probe-timeout.ts';
import { planSelection, type Selected } from '../../core/fleet/plan/select.ts';
import { secretsOf } from '../../core/fleet/redact.ts';
import type { RuntimesFile } from '../../core/fleet/runtimes-file.ts';
import { type ActiveState, activeStateIn } from '../../host/fleet/active-state.ts';
import { accessWithoutSecrets } from '../../host/fleet/execute/access-without-secrets.ts';
import { hostAccess } from '../../host/fleet/execute/host-access.ts';
import { type SelectOutcome, selectRuntime } from '../../host/fleet/execute/select-runtime.ts';
import { takeFleetLock } from '../../host/fleet/fleet-lock.ts';
import { pause } from '../../host/fleet/pause.ts';
import { fleetStateDirectory } from '../../host/fleet/state-directory.ts';
import type { World } from '../../host/world.ts';
import {
  type FleetFile,
  type FleetOptions,
  loadFleetOrShow,
  loadFleetToUse,
} from '../fleet-file.ts';
import { transportTo } from '../run-on-host.ts';
import { selectProgress } from '../select-progress.ts';
import { duration } from '../session.ts';
import { showSelectOutcome } from '../show-select-outcome.ts';
import { showPlan, showPlanError, warningsOn } from '../show-select-plan.ts';

export type SelectOptions = FleetOptions & {
  readonly model: string;
  readonly host?: string | undefined;
  readonly backend?: string | undefined;
  readonly dryRun: boolean;
  readonly restart: boolean;
  readonly force: boolean;
  readonly waitTimeout?: string | undefined;
  readonly waitLock?: string | undefined;
  readonly isVerbose: boolean;
};

type PlanFor = (active: ActiveRecord | undefined, isForced: boolean) => Selected;

/** Has a model of the fleet run, in the place of what runs now. */
export async function select(options: SelectOptions, world: World): Promise<number> {
  mustBeNamed(options);
  const waitMs = duration('--wait-lock', options.waitLock) ?? 0;
  const probeMs = probeTime(options.waitTimeout);
  const loaded = await loadFleetToUse(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { file } = loaded;
  const directory = fleetStateDirectory(world.env);
  const state = activeStateIn(directory, world.uid);
  const { isVerbose } = options;
  const isForced = options.restart || options.force;
  // What excludes a host has nothing to do with who has the lock.
  const first = planning(file, options, probeMs)(state.read(), isForced);
  if (!first.ok) return showPlanError(first.error, options, world);
  if (options.dryRun) return showPlan(first.plan, secretsOf(file), options, world);
  const lock = await takeFleetLock(directory, world.uid, {
    ...{ modelId: options.model, waitMs, now: world.now },
    onWait: (who) => world.notes.write(`waiting up to ${options.waitLock} for ${who}\n`),
  });
  try {
    const now = await loadAgain(loaded, options, world);
    if (now === undefined) return exitCodes.config;
    const secrets = secretsOf(now.file);
    const planFor = planning(now.file, options, probeMs);
    const outcome = await carryOut({ secrets, planFor, isForced, state, isVerbose }, world);
    if (!outcome.ok) return showPlanError(outcome.error, options, world);
    return showSelectOutcome(outcome, { ...options, secrets, directory }, world);
  } finally {
    lock.release();
  }
}

function mustBeNamed({ model, host, backend }: SelectOptions): void {
  const empty = Object.entries({ model, host, backend }).find(([, value]) => value === '');
  if (empty === undefined) return;
  const help = 'name one; is a variable of the shell empty?';
  throw new VllmdError('usage', `--${empty[0]} NAME: the value is empty`, help);
}

function planning(
  file: RuntimesFile,
  { model: modelId, host: hostId, backend: backendId, force }: SelectOptions,
  probeMs: number | undefined,
): PlanFor {
  return (active, isForced) => {
    const request = { modelId, hostId, backendId, isForced, isStopTrusted: force };
    return withProbeTimeout(planSelection({ file, request, active }), probeMs);
  };
}

/** Whoever had the lock meanwhile may have changed the file. */
async function loadAgain(
  loaded: FleetFile,
  options: SelectOptions,
  world: World,
): Promise<FleetFile | undefined> {
  return loaded.isReadOnce ? loaded : loadFleetOrShow(options, world);
}

type Work = {
  /** Of the file. */
  readonly secrets: readonly string[];
  readonly planFor: PlanFor;
  readonly isForced: boolean;
  readonly state: ActiveState;
  readonly isVerbose: boolean;
};

async function carryOut(
  { secrets, planFor, isForced, state, isVerbose }: Work,
  world: World,
): Promise<SelectOutcome> {
  const progress = selectProgress(world, { secrets, isVerbose });
  const { until, stop } = abortedBySignal(world);
  const tellOnce = warningsOn(world);
  try {
    return await selectRuntime(
      {
        planFor,
        isForced,
        onPlan: tellOnce,
        onReuseFailed: () => {
          progress.tellFailure();
          world.stderr.write('Reuse health check failed. Retrying with forced restart...\n');
        },
      },
      {
        access: accessWithoutSecrets(
          hostAccess((host) => transportTo(host, world)),
          secrets,
        ),
        ...{ state, active: state.read(), until, tell: progress.on, now: world.now, wait: pause },
      },
    );
  } finally {
    progress.end();
    stop();
  }
}

/** Aborted by the first signal that would end vllmd, with its name as the reason. */
function abortedBySignal(world: World): {
  readonly until: AbortSignal;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const interrupts = world.interrupts();
  interrupts.onSignal((signal, count) => {
    const text =
      count === 1
        ? `${signal}: the step is ended, then what was done is taken back`
        : `${signal} again: it must not be cut off here`;
    world.stderr.write(`\n${text}\n`);
    controller.abort(signal);
  });
  return { until: controller.signal, stop: interrupts.stop };
}

/** undefined: as the file has it. */
function probeTime(text: string | undefined): number | undefined {
  const milliseconds = duration('--wait-timeout', text);
  if (milliseconds !== 0) return milliseconds;
  throw new VllmdError('usage', `--wait-timeout ${text} is no time to wait`, 'write 90s or 10m');
}
