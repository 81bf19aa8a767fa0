import { allows, inOrderOf, misfit } from '../plan/eligible.ts';
import { hostVariables, type Target, variablesOf } from '../plan/fill.ts';
import type { RuntimeBackend, RuntimeHost, RuntimeModel, RuntimesFile } from '../runtimes-file.ts';
import type { HostCommand } from '../select-plan.ts';
import { interpolate } from '../template/interpolate.ts';
import { placeholders } from '../template/scan.ts';
import type { Variables } from '../template/variables.ts';

const CHECK_TIMEOUT_SECONDS = 5;
const VERIFY_TIMEOUT_SECONDS = 15;
/** Of one probe. */
const PROBE_TIMEOUT_SECONDS = 10;

/** What tells whether a host is healthy. */
export function healthCommand(host: RuntimeHost): HostCommand {
  const { check_cmd, timeout_sec: timeoutSec = CHECK_TIMEOUT_SECONDS } = host.health;
  return {
    ...{ hostId: host.id, env: {}, timeoutSec },
    command: interpolate(check_cmd, hostVariables(host)),
    description: `Check ${host.id}`,
  };
}

/** What tells whether a backend works on a host, or why that cannot be asked; undefined where the file has nothing for it. */
export function verifyCommand(
  file: RuntimesFile,
  host: RuntimeHost,
  backend: RuntimeBackend,
): HostCommand | { readonly why: string } | undefined {
  const { verify_cmd, env = {}, args = [], id } = backend;
  if (verify_cmd === undefined) return undefined;
  const model = file.models.find((one) => one.enabled && mayRun(one, host, backend));
  const known: Partial<Variables> =
    model === undefined
      ? {
          ...hostVariables(host),
          ...{ backend_id: id, backend_args: args },
          backend_env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        }
      : variablesOf({ model, host, backend });
  const missing = placeholders(verify_cmd).find(({ name }) => !Object.hasOwn(known, name));
  if (missing !== undefined) {
    return { why: `verify_cmd has {${missing.name}}, and no model runs with it on ${host.id}` };
  }
  return {
    ...{ hostId: host.id, env, timeoutSec: VERIFY_TIMEOUT_SECONDS },
    command: interpolate(verify_cmd, known),
    description: `Verify backend ${id} on ${host.id}`,
  };
}

/** The hosts that a backend is for. */
export function hostsOfBackend(
  file: RuntimesFile,
  backend: RuntimeBackend,
): readonly RuntimeHost[] {
  return file.hosts.filter((host) => host.enabled && misfit(host, backend) === undefined);
}

/** The probe of a model on each host that can run it, in the order in which a selection would take them. */
export function probeCommands(file: RuntimesFile, model: RuntimeModel): readonly HostCommand[] {
  return targetsOf(file, model).map((target) => ({
    hostId: target.host.id,
    env: target.backend?.env ?? {},
    timeoutSec: PROBE_TIMEOUT_SECONDS,
    command: interpolate(model.launch.probe_cmd, variablesOf(target)),
    description: `Probe health for ${model.id} on ${target.host.id}`,
  }));
}

function targetsOf(file: RuntimesFile, model: RuntimeModel): readonly Target[] {
  const hosts = inOrderOf(model.host_policy, file.hosts).filter(({ enabled }) => enabled);
  const fitting = hosts.flatMap((host) => {
    const backend = inOrderOf(model.backend_policy, file.backends).find(
      (one) => misfit(host, one) === undefined,
    );
    return backend === undefined ? [] : [{ model, host, backend }];
  });
  if (fitting.length > 0 || model.backend_policy !== 'any') return fitting;
  return hosts.map((host) => ({ model, host, backend: undefined }));
}

function mayRun(model: RuntimeModel, host: RuntimeHost, backend: RuntimeBackend): boolean {
  return allows(model.host_policy, host.id) && allows(model.backend_policy, backend.id);
}
