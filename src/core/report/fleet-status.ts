import { visible } from '../control-characters.ts';
import type { ActiveRecord, RuntimeProcess } from '../fleet/active-record.ts';
import { redactText } from '../fleet/redact.ts';
import { columns } from './columns.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';

/** What runs, for programs; null when nothing does. */
export function fleetStatusJson(
  active: ActiveRecord | undefined,
  secrets: readonly string[] = [],
): object | null {
  if (active === undefined) return null;
  const { model_id, backend_id, host_ids, healthy, started_at, endpoint } = active;
  // The other parts are digests of secrets as well.
  const open = active.fingerprint.split('.')[2];
  return {
    format_version: FORMAT_VERSION,
    ...{ model_id, backend_id, host_ids, healthy, started_at },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(open === undefined ? {} : { fingerprint: open }),
    vars: variablesJson(active, secrets),
    processes: active.processes.map(processJson),
    logs: active.processes.map(({ host_id, log }) => ({ host_id, path: log })),
  };
}

/** The same for people; `starting`: who starts it at this moment. */
export function fleetStatusHuman(
  active: ActiveRecord | undefined,
  style: Style,
  starting?: string,
): string {
  if (active === undefined) return 'No active runtime.\n';
  const health = active.healthy
    ? style.green('healthy when it was started')
    : (starting ?? style.red('something failed: it may run or not'));
  const rows = [
    ['Backend', active.backend_id ?? 'none'],
    ['Hosts', active.host_ids.join(', ')],
    ['State', health],
    ['Started', active.started_at],
    ...(active.endpoint === undefined ? [] : [['Endpoint', active.endpoint]]),
    ...active.processes.map((process) => ['Process', processInWords(process)]),
    ...active.processes.map(({ host_id, log }) => ['Log', `${log} on ${host_id}`]),
  ];
  const lines = columns(
    rows.map(([name = '', value = '']) => [`${name}:`, name === 'State' ? value : visible(value)]),
    '  ',
  );
  return `${[style.bold(`Active runtime: ${visible(active.model_id)}`), ...lines].join('\n')}\n`;
}

function variablesJson({ variables }: ActiveRecord, secrets: readonly string[]): object {
  const hidden = (texts: readonly string[]) => texts.map((text) => redactText(text, secrets));
  return {
    ...variables,
    source: redactText(variables.source, secrets),
    backend_args: hidden(variables.backend_args),
    backend_env: hidden(variables.backend_env),
  };
}

function processJson({ host_id, unit, group }: RuntimeProcess): object {
  return {
    host_id,
    ...(unit === undefined ? {} : { unit: unit.name, manager: unit.manager }),
    ...(group === undefined ? {} : { pgid: group.pgid }),
  };
}

function processInWords({ host_id, unit, group }: RuntimeProcess): string {
  if (unit !== undefined) return `unit ${unit.name} of the ${managerOf(unit)} on ${host_id}`;
  return group === undefined ? `unknown, on ${host_id}` : `group ${group.pgid} on ${host_id}`;
}

function managerOf({ manager }: NonNullable<RuntimeProcess['unit']>): string {
  return manager === 'user' ? 'account' : 'system';
}
