import type { ActiveRecord } from '../active-record.ts';
import type { RuntimeHost, RuntimesFile } from '../runtimes-file.ts';
import type { Step, UndoStep } from '../select-plan.ts';
import { interpolate } from '../template/interpolate.ts';
import { placeholders } from '../template/scan.ts';
import type { Variables } from '../template/variables.ts';
import { hostVariables } from './fill.ts';
import { hostAsRecorded, isReachedAsBefore, placeOf } from './recorded-host.ts';
import { lacksSecret, withSecrets } from './recorded-variables.ts';

const STOP_TIMEOUT_SEC = 30;

export type Stopping = { readonly steps: readonly Step[]; readonly warnings: readonly string[] };

/**
 * The end of what runs, on each of its hosts that the file still has, enabled or not. The commands are those of the
 * file, the values those that the runtime was started with.
 */
export function stopActive(active: ActiveRecord | undefined, file: RuntimesFile): Stopping {
  if (active === undefined) return { steps: [], warnings: [] };
  const variables = withSecrets(active, file);
  const each = [...new Set(active.host_ids)].map((id) => {
    const host = file.hosts.find((one) => one.id === id);
    return host === undefined ? vanished(id) : stopOn(host, active, variables);
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

function stopOn(listed: RuntimeHost, active: ActiveRecord, recorded: Variables): Stopping {
  const host = hostAsRecorded(active, listed);
  const isMoved = !isReachedAsBefore(active, listed);
  const isOwn = recorded.host_id === host.id;
  const variables = isOwn ? recorded : { ...recorded, ...hostVariables(host) };
  const commands = stopCommands(host, variables, `Stop active model on ${host.id}`);
  const steps = commands.map(
    (command): Step => ({ ...command, ...(isMoved ? { host } : {}), undo: [] }),
  );
  const lacks = lacksSecret(variables) && usesSecrets(host);
  const text = `a secret that the active runtime was started with is not in the file any more: the commands that stop it on ${host.id} do without it`;
  const moved = `host ${host.id} was at ${placeOf(host)} when this was started: ${active.model_id} is stopped there`;
  return { steps, warnings: [...(isMoved ? [moved] : []), ...(lacks ? [text] : [])] };
}

function usesSecrets({ model_control: { stop_cmd, cleanup_cmd = '' } }: RuntimeHost): boolean {
  const names = new Set(['source', 'backend_args', 'backend_env']);
  return placeholders(`${stop_cmd}\n${cleanup_cmd}`).some(({ name }) => names.has(name));
}
