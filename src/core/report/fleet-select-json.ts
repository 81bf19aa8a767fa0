import {
  redactBackend,
  redactEnv,
  redactHost,
  redactModel,
  redactText,
  secretsOf,
} from '../fleet/redact.ts';
import type { RuntimeBackend, RuntimeHost, RuntimeModel } from '../fleet/runtimes-file.ts';
import type { PlanError, SelectPlan, Step } from '../fleet/select-plan.ts';
import { FORMAT_VERSION } from './format-version.ts';

/** The twin of the text: the same plan for programs, where nothing of what is given as a secret shows. */
export function fleetPlanJson(plan: SelectPlan, secrets: readonly string[]): object {
  const hidden = secretsOfPlan(plan, secrets);
  const { isReuse, reason, model, backend, target, hosts, steps, warnings, endpoint } = plan;
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    reuse: isReuse,
    reason,
    model: modelJson(model, hidden),
    backend: backend === undefined ? null : backendJson(backend, hidden),
    target: target.id,
    ...present({ endpoint }),
    hosts: hosts.map((host) => hostJson(host, hidden)),
    steps: steps.map((step) => stepJson(step, hidden)),
    warnings,
  };
}

/** Why there is no plan. */
export function fleetPlanErrorJson({ code, reason, rejected }: PlanError): object {
  return {
    format_version: FORMAT_VERSION,
    ok: false,
    code,
    reason,
    rejected: rejected.map(({ hostId, backendId, rule }) => ({
      host_id: hostId,
      backend_id: backendId ?? null,
      rule,
    })),
  };
}

/** Those of the file, among which are those of what is stopped, and those of the plan itself. */
export function secretsOfPlan(plan: SelectPlan, secrets: readonly string[]): readonly string[] {
  const backends = plan.backend === undefined ? [] : [plan.backend];
  const hosts = [plan.target, ...plan.hosts];
  return [...new Set([...secrets, ...secretsOf({ hosts, backends })])];
}

function modelJson(model: RuntimeModel, secrets: readonly string[]): object {
  const { id, display_name, source, launch, runtime_defaults } = redactModel(model, secrets);
  return { id, display_name, source, launch, ...present({ runtime_defaults }) };
}

function backendJson(backend: RuntimeBackend, secrets: readonly string[]): object {
  const { id, display_name, type, env, args } = redactBackend(backend, secrets);
  return { id, display_name, type, ...present({ env, args }) };
}

function hostJson(host: RuntimeHost, secrets: readonly string[]): object {
  const { id, display_name, transport, connection } = redactHost(host, secrets);
  return { id, display_name, transport, connection };
}

function stepJson(step: Step, secrets: readonly string[]): object {
  const { kind, hostId, command, timeoutSec, probe, probeIntervalMs, description, env, undo } =
    step;
  const rollback = undo.find((one) => one.kind === 'rollback_backend');
  const rollbackCommand = rollback && redactText(rollback.command, secrets);
  return {
    kind,
    host_id: hostId,
    command: redactText(command, secrets),
    timeout_sec: timeoutSec,
    ...present({
      probe_cmd: probe && redactText(probe.command, secrets),
      probe_interval_ms: probeIntervalMs,
      rollback_cmd: rollbackCommand,
    }),
    description,
    ...(Object.keys(env).length === 0 ? {} : { env: redactEnv(env, secrets) }),
  };
}

/** What has no value is left out. */
function present(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
