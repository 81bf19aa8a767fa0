import type { HostCommand, Step, UndoStep } from '../select-plan.ts';
import type { Variables } from '../template/variables.ts';
import type { Target, TargetCommands } from './fill.ts';
import { stopCommands } from './stop-steps.ts';

const APPLY_TIMEOUT_SEC = 30;
const VERIFY_TIMEOUT_SEC = 15;
/** Until it is a process that runs. */
const START_TIMEOUT_SEC = 30;
const PROBE_TIMEOUT_SEC = 30;
const PROBE_INTERVAL_MS = 500;

export type Starting = {
  readonly target: Target;
  readonly variables: Variables;
  readonly commands: TargetCommands;
  /** Whether the backend is to be applied, where it can be. */
  readonly isApplied: boolean;
  readonly isVerified: boolean;
};

/** From the backend to a healthy model, on the host of the target. */
export function startSteps(starting: Starting): readonly Step[] {
  const { target, variables, commands } = starting;
  const { model, host } = target;
  return [
    ...backendSteps(starting),
    {
      ...onTarget(target, commands.start, START_TIMEOUT_SEC),
      kind: 'start_model',
      description: `Start model ${model.id} on ${host.id}`,
      undo: stopCommands(host, variables, `Stop model ${model.id} on ${host.id}`),
    },
    probeStep(target, commands.probe),
  ];
}

export function probeStep(target: Target, command: string): Step {
  const { model, host } = target;
  const { probe_timeout_sec: timeoutSec, probe_interval_ms: intervalMs } = model.launch;
  return {
    ...onTarget(target, command, timeoutSec ?? PROBE_TIMEOUT_SEC),
    kind: 'probe_health',
    probeIntervalMs: intervalMs ?? PROBE_INTERVAL_MS,
    description: `Probe health for ${model.id} on ${host.id}`,
    undo: [],
  };
}

/** Of a target with a backend. */
export function verifyStep(target: Target, command: string): Step {
  return {
    ...onTarget(target, command, VERIFY_TIMEOUT_SEC),
    kind: 'verify_backend',
    description: `Verify backend ${target.backend?.id} on ${target.host.id}`,
    undo: [],
  };
}

function backendSteps({ target, commands, isApplied, isVerified }: Starting): readonly Step[] {
  const { host, backend } = target;
  const { apply, verify } = commands;
  if (backend === undefined) return [];
  const steps: Step[] = [];
  if (isApplied && apply !== undefined) {
    steps.push({
      ...onTarget(target, apply, APPLY_TIMEOUT_SEC),
      kind: 'apply_backend',
      description: `Apply backend ${backend.id} on ${host.id}`,
      undo: rollbackSteps(target, commands.rollback),
    });
  }
  if (isVerified && verify !== undefined) {
    steps.push(verifyStep(target, verify));
  }
  return steps;
}

function rollbackSteps(target: Target, command: string | undefined): readonly UndoStep[] {
  if (command === undefined) return [];
  const { host, backend } = target;
  return [
    {
      ...onTarget(target, command, APPLY_TIMEOUT_SEC),
      kind: 'rollback_backend',
      description: `Roll back backend ${backend?.id} on ${host.id}`,
    },
  ];
}

function onTarget(
  { host, backend }: Target,
  command: string,
  timeoutSec: number,
): Omit<HostCommand, 'description'> {
  return { hostId: host.id, command, env: backend?.env ?? {}, timeoutSec };
}
