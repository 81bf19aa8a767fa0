import { VllmdError } from '../failure.ts';
import type { ActiveRecord, RecordedHost, RuntimeProcess } from './active-record.ts';
import type { Variables } from './template/variables.ts';

/** The record in a file of this name. Its values end up in commands and its numbers are signalled: nothing of it is trusted. */
export function parseActiveRecord(text: string, path: string): ActiveRecord {
  const record = read(text);
  if (typeof record !== 'string') return record;
  throw new VllmdError(
    'conflict',
    `${path} ${record}: what it says of the active runtime cannot be used`,
    'stop what runs by hand, then remove the file',
  );
}

/** The record, or what is wrong with it. */
function read(text: string): ActiveRecord | string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (!isObject(data)) return 'is not a JSON object';
  const { format_version: version } = data;
  if (version !== 1) return `has format_version ${shown(version)}, this vllmd reads 1`;
  const wrong = Object.entries(checks).find(([key, isRight]) => !isRight(data[key]));
  if (wrong !== undefined) return `lacks a usable "${wrong[0]}"`;
  // Each key has just been checked, and what else is in it is left behind.
  const checked = data as ActiveRecord;
  const { model_id, backend_id, host_ids, healthy, started_at, endpoint } = checked;
  const { fingerprint, variables, processes, hosts } = checked;
  return {
    format_version: 1,
    ...{ model_id, backend_id, host_ids, healthy, started_at, fingerprint },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(hosts === undefined ? {} : { hosts: hosts.map(ownHost) }),
    variables: ownVariables(variables),
    processes: processes.map(ownProcess),
  };
}

function shown(version: unknown): string {
  return (JSON.stringify(version) ?? 'none').slice(0, 40);
}

type Check = (value: unknown) => boolean;

const checks: Readonly<Record<Exclude<keyof ActiveRecord, 'format_version'>, Check>> = {
  model_id: isId,
  backend_id: (value) => value === null || isId(value),
  host_ids: (value) => isTextList(value) && value.length > 0 && value.every(isId),
  hosts: (value) => value === undefined || (Array.isArray(value) && value.every(isHost)),
  healthy: (value) => typeof value === 'boolean',
  started_at: (value) => matches(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  endpoint: (value) => value === undefined || matches(value, /^http:\/\/[^\s\p{Cc}]+:\d+\/v1$/u),
  fingerprint: (value) => matches(value, /^[\w.:-]{1,200}$/),
  variables: isVariables,
  processes: (value) => Array.isArray(value) && value.every(isProcess),
};

const variableChecks: Readonly<Record<keyof Variables, Check>> = {
  source: isArgument,
  port: (value) => isWhole(value, 1) && value <= 65_535,
  host: isArgument,
  backend_args: (value) => isTextList(value) && value.every(isArgument),
  // A name stands in a command without quotes.
  backend_env: (value) =>
    isTextList(value) && value.every((one) => isArgument(one) && /^[A-Za-z_]\w*=/.test(one)),
  model_id: isId,
  host_id: isId,
  backend_id: (value) => value === '' || isId(value),
};

function isVariables(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(variableChecks).every(([name, isRight]) => isRight(value[name]));
}

function ownVariables(variables: Variables): Variables {
  const { source, port, host, backend_args, backend_env, model_id, host_id, backend_id } =
    variables;
  return { source, port, host, backend_args, backend_env, model_id, host_id, backend_id };
}

function isHost(value: unknown): boolean {
  if (!(isObject(value) && isId(value['id']))) return false;
  const { transport, host, port, user } = value;
  const isPort = port === undefined || (isWhole(port, 1) && port <= 65_535);
  const areWords = [host, user].every((one) => one === undefined || isArgument(one));
  return (transport === 'local' || transport === 'ssh') && isPort && areWords;
}

function ownHost({ id, transport, host, port, user }: RecordedHost): RecordedHost {
  return {
    ...{ id, transport },
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
  };
}

function isProcess(value: unknown): boolean {
  if (!(isObject(value) && isId(value['host_id']) && isPath(value['log']))) return false;
  const { unit, group, marker } = value;
  const isKnown = marker === undefined || matches(marker, /^[0-9a-f]{16,64}$/);
  return isKnown && (unit === undefined || isUnit(unit)) && (group === undefined || isGroup(group));
}

function isUnit(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, manager } = value;
  return (
    matches(name, /^[\w@:.][\w@:.\\-]{0,250}$/) && (manager === 'system' || manager === 'user')
  );
}

/** 0 and 1 stand for others than a group: for the caller's, and for all there is. */
function isGroup(value: unknown): boolean {
  return isObject(value) && isWhole(value['pgid'], 2) && isWhole(value['startTime'], 0);
}

function ownProcess({ host_id, log, unit, group, marker }: RuntimeProcess): RuntimeProcess {
  return {
    host_id,
    log,
    ...(unit === undefined ? {} : { unit: { name: unit.name, manager: unit.manager } }),
    ...(group === undefined ? {} : { group: { pgid: group.pgid, startTime: group.startTime } }),
    ...(marker === undefined ? {} : { marker }),
  };
}

function isId(value: unknown): boolean {
  return matches(value, /^[a-z0-9][a-z0-9-]{0,63}$/);
}

function isPath(value: unknown): boolean {
  return matches(value, /^[^-\p{Cc}][^\p{Cc}]*$/u);
}

/** What a program can be given. */
function isArgument(value: unknown): boolean {
  return isText(value) && !value.includes('\0');
}

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return isText(value) && pattern.test(value);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}
