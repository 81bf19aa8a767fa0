import type { ActiveRecord } from '../active-record.ts';
import type { RuntimeHost, RuntimesFile } from '../runtimes-file.ts';
import type { HostCommand, Step, UndoStep } from '../select-plan.ts';
import { interpolate } from '../template/interpolate.ts';
import { placeholders } from '../template/scan.ts';
import type { Variables } from '../template/variables.ts';
import { hostVariables } from './fill.ts';
import { hostAsRecorded, isReachedAsBefore, placeOf } from './recorded-host.ts';
import { lacksSecret, withSecrets } from './recorded-variables.ts';

const STOP_TIMEOUT_SEC = 30;
const ONE_PROBE_SEC = 10;

export type Stopping = { readonly steps: readonly Step[]; readonly warnings: readonly string[] };

/**
 * The end of what runs, on each of its hosts that the file still has, enabled or not. The commands are those of the
 * file, the values those that the runtime was started with.
 */
export function stopActive(
  active: ActiveRecord | undefined,
  { file, isTrusted }: { readonly file: RuntimesFile; readonly isTrusted: boolean },
): Stopping {
  if (active === undefined) return { steps: [], warnings: [] };
  const variables = withSecrets(active, file);
  const probe = isTrusted ? undefined : probeOf(active, file);
  const each = [...new Set(active.host_ids)].map((id) => {
    const host = file.hosts.find((one) => one.id === id);
    return host === undefined ? vanished(id) : stopOn(host, { active, recorded: variables, probe });
  });
  return {
    steps: each.flatMap(({ steps }) => steps),
    warnings: each.flatMap(({ warnings }) => warnings),
  };
}

/** `stop_cmd` and what comes after it, on a host. */
export function stopCommands(
  host: RuntimeHost,
  variables: Variables,
  description: string,
): readonly (UndoStep & Pick<Step, 'kind'>)[] {
  const { stop_cmd: stop, cleanup_cmd: cleanup } = host.model_control;
  const common = { hostId: host.id, env: {}, timeoutSec: STOP_TIMEOUT_SEC };
  return [
    { ...common, kind: 'stop_model', command: interpolate(stop, variables), description },
    ...(cleanup === undefined
      ? []
      : [
          {
            ...common,
            kind: 'cleanup_model' as const,
            command: interpolate(cleanup, variables),
            description: `Clean up on ${host.id}`,
          },
        ]),
  ];
}

function vanished(id: string): Stopping {
  const text = `host ${id} of the active runtime is not in the file any more: what runs there is not stopped`;
  return { steps: [], warnings: [text] };
}

/** What asks a runtime whether it answers, before it is filled. */
type Probe = Pick<Step, 'command' | 'env'>;

/** undefined: the file does not have the model any more, and nobody knows how to ask it. */
function probeOf(
  { model_id, backend_id }: ActiveRecord,
  { models, backends }: RuntimesFile,
): Probe | undefined {
  const model = models.find(({ id }) => id === model_id);
  if (model === undefined) return undefined;
  const env = backends.find(({ id }) => id === backend_id)?.env ?? {};
  return { command: model.launch.probe_cmd, env };
}

type Stopped = {
  readonly active: ActiveRecord;
  readonly recorded: Variables;
  readonly probe: Probe | undefined;
};

function stopOn(listed: RuntimeHost, { active, recorded, probe }: Stopped): Stopping {
  const host = hostAsRecorded(active, listed);
  const isMoved = !isReachedAsBefore(active, listed);
  const isOwn = recorded.host_id === host.id;
  const variables = isOwn ? recorded : { ...recorded, ...hostVariables(host) };
  const commands = stopCommands(host, variables, `Stop active model on ${host.id}`);
  const where = { hostId: host.id, ...(isMoved ? { host } : {}) };
  const asked =
    probe === undefined ? {} : { probe: silenceOf(active.model_id, { probe, variables, where }) };
  const steps = commands.map(
    (command): Step => ({
      ...command,
      ...where,
      ...(command.kind === 'stop_model' ? asked : {}),
      undo: [],
    }),
  );
  const lacks = lacksSecret(variables) && usesSecrets(host);
  const text = `a secret that the active runtime was started with is not in the file any more: the commands that stop it on ${host.id} do without it`;
  const moved = `host ${host.id} was at ${placeOf(host)} when this was started: ${active.model_id} is stopped there`;
  return { steps, warnings: [...(isMoved ? [moved] : []), ...(lacks ? [text] : [])] };
}

type Silence = {
  readonly probe: Probe;
  readonly variables: Variables;
  readonly where: Pick<HostCommand, 'hostId' | 'host'>;
};

/** A run of the probe of what is stopped, where it is stopped. */
function silenceOf(modelId: string, { probe, variables, where }: Silence): HostCommand {
  return {
    ...where,
    command: interpolate(probe.command, variables),
    env: probe.env,
    timeoutSec: ONE_PROBE_SEC,
    description: `Probe whether ${modelId} has ended on ${where.hostId}`,
  };
}

function usesSecrets({ model_control: { stop_cmd, cleanup_cmd = '' } }: RuntimeHost): boolean {
  const names = new Set(['source', 'backend_args', 'backend_env']);
  return placeholders(`${stop_cmd}\n${cleanup_cmd}`).some(({ name }) => names.has(name));
}
