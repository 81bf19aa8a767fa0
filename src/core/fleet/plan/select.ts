import type { ActiveRecord } from '../active-record.ts';
import type { RuntimeHost, RuntimesFile } from '../runtimes-file.ts';
import type { PlanError, SelectPlan, Step } from '../select-plan.ts';
import { choose, type SelectRequest } from './choose.ts';
import {
  commandsOf,
  DEFAULT_PORT,
  endpointOf,
  type Target,
  type TargetCommands,
  usesPort,
  variablesOf,
} from './fill.ts';
import { fingerprintOf } from './fingerprint.ts';
import { withoutSecrets } from './recorded-variables.ts';
import { isAppliedAnew, isBackendKept, isRunning } from './reuse.ts';
import { probeStep, startSteps, verifyStep } from './steps.ts';
import { type Stopping, stopActive } from './stop-steps.ts';

export type Selection = {
  /** Checked. */
  readonly file: RuntimesFile;
  readonly request: SelectRequest;
  readonly active: ActiveRecord | undefined;
};

export type Selected =
  | { readonly ok: true; readonly plan: SelectPlan }
  | { readonly ok: false; readonly error: PlanError };

/** What there is to do so that a model runs. The same file, request and record give the same plan. */
export function planSelection({ file, request, active }: Selection): Selected {
  const choice = choose(file, request);
  if (!choice.ok) return choice;
  const { target, reason } = choice;
  const variables = variablesOf(target);
  const commands = commandsOf(target, variables);
  const fingerprint = fingerprintOf(target, commands, variables);
  const isReuse = !request.isForced && isRunning(active, target, fingerprint);
  const { steps, warnings } = isReuse
    ? { steps: reuseSteps(target, commands), warnings: [] }
    : switchTo(target, { file, active, commands, fingerprint, request });
  const plan: SelectPlan = {
    isReuse,
    reason,
    model: target.model,
    backend: target.backend,
    target: target.host,
    hosts: hostsOf(steps, file),
    steps,
    warnings: [...warnings, ...portWarnings(target)],
    fingerprint,
    endpoint: endpointOf(target, variables),
    variables: withoutSecrets(target, file),
  };
  return { ok: true, plan };
}

type Switch = Selection & {
  readonly commands: TargetCommands;
  readonly fingerprint: string;
};

function switchTo(
  target: Target,
  { file, active, commands, fingerprint, request }: Switch,
): Stopping {
  const stopping = stopActive(active, { file, isTrusted: request.isStopTrusted === true });
  const isNew = !isBackendKept(active, target);
  // One that is verified each time may have changed by itself, and a restart puts it right.
  const isDoubted = target.backend?.verify_always === true;
  const isApplied = isNew || isAppliedAnew(active, fingerprint) || (isDoubted && request.isForced);
  const canApply = target.backend?.apply_cmd !== undefined;
  const isVerified = isNew || (isApplied && canApply) || isDoubted;
  const variables = variablesOf(target);
  const starting = startSteps({ target, variables, commands, isApplied, isVerified });
  return { steps: [...stopping.steps, ...starting], warnings: stopping.warnings };
}

/** What tells whether a runtime is to be left as it is. */
function reuseSteps(target: Target, { verify, probe }: TargetCommands): readonly Step[] {
  const isVerified = target.backend?.verify_always === true && verify !== undefined;
  return [...(isVerified ? [verifyStep(target, verify)] : []), probeStep(target, probe)];
}

/** In the order of their first steps. */
function hostsOf(steps: readonly Step[], { hosts }: RuntimesFile): readonly RuntimeHost[] {
  const ids = new Set(steps.map(({ hostId }) => hostId));
  return [...ids].flatMap((id) => hosts.find((host) => host.id === id) ?? []);
}

function portWarnings(target: Target): readonly string[] {
  if (target.model.runtime_defaults?.port !== undefined || !usesPort(target)) return [];
  return [`models[${target.model.id}] has no runtime_defaults.port: {port} is ${DEFAULT_PORT}`];
}
