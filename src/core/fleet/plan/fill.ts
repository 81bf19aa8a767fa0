import type { RuntimeBackend, RuntimeHost, RuntimeModel } from '../runtimes-file.ts';
import { interpolate } from '../template/interpolate.ts';
import { placeholders } from '../template/scan.ts';
import type { Variables } from '../template/variables.ts';

/** What is to run, and where. */
export type Target = {
  readonly model: RuntimeModel;
  readonly host: RuntimeHost;
  /** undefined: it runs without one. */
  readonly backend: RuntimeBackend | undefined;
};

/** Of a model that names none. */
export const DEFAULT_PORT = 8080;

const LOOPBACK = '127.0.0.1';

/** What the templates of a target are filled with. */
export function variablesOf({ model, host, backend }: Target): Variables {
  return {
    source: model.source,
    port: model.runtime_defaults?.port ?? DEFAULT_PORT,
    ...hostVariables(host),
    backend_args: backend?.args ?? [],
    backend_env: Object.entries(backend?.env ?? {}).map(([name, value]) => `${name}=${value}`),
    model_id: model.id,
    backend_id: backend?.id ?? '',
  };
}

/** What a command has that has to do with a host only. */
export function hostVariables(host: RuntimeHost): Pick<Variables, 'host' | 'host_id'> {
  return { host: host.connection.host ?? LOOPBACK, host_id: host.id };
}

/** Where the clients of a runtime find it; undefined where nothing says that it listens on that port. */
export function endpointOf(
  target: Target,
  { host, port }: Pick<Variables, 'host' | 'port'>,
): string | undefined {
  if (!saysPort(target)) return undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1`;
}

/** The usual port counts where a command is given it, or where the probe asks it. */
function saysPort(target: Target): boolean {
  const { launch, runtime_defaults: defaults } = target.model;
  const asksUsual = new RegExp(String.raw`:${DEFAULT_PORT}(?!\d)`).test(launch.probe_cmd);
  return defaults?.port !== undefined || usesPort(target) || asksUsual;
}

/** The commands of a target with all values inserted. */
export type TargetCommands = {
  readonly apply: string | undefined;
  readonly verify: string | undefined;
  readonly rollback: string | undefined;
  readonly start: string;
  readonly probe: string;
  readonly stop: string;
  readonly cleanup: string | undefined;
};

export function commandsOf({ model, host, backend }: Target, variables: Variables): TargetCommands {
  const filled = (command: string) => interpolate(command, variables);
  const optional = (command: string | undefined) =>
    command === undefined ? undefined : filled(command);
  return {
    apply: optional(backend?.apply_cmd),
    verify: optional(backend?.verify_cmd),
    rollback: optional(backend?.rollback_cmd),
    start: filled(model.launch.start_cmd),
    probe: filled(model.launch.probe_cmd),
    stop: filled(host.model_control.stop_cmd),
    cleanup: optional(host.model_control.cleanup_cmd),
  };
}

/** Whether any command of a target has the port of its model in it. */
export function usesPort({ model, host, backend }: Target): boolean {
  const { launch } = model;
  const { model_control: control } = host;
  const commands = [
    ...[backend?.apply_cmd, backend?.verify_cmd, backend?.rollback_cmd],
    ...[launch.start_cmd, launch.probe_cmd, control.stop_cmd, control.cleanup_cmd],
  ];
  return commands.some((command = '') => placeholders(command).some(({ name }) => name === 'port'));
}
