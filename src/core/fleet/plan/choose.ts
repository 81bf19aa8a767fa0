import { nearest } from '../../config/nearest.ts';
import type {
  Policy,
  RuntimeBackend,
  RuntimeHost,
  RuntimeModel,
  RuntimesFile,
} from '../runtimes-file.ts';
import type { PlanError, PlanErrorCode } from '../select-plan.ts';
import { entryNames, type Section } from '../shape.ts';
import { allows, inOrderOf, misfit, type Rule } from './eligible.ts';
import type { Target } from './fill.ts';

/** What somebody wants to run. */
export type SelectRequest = {
  readonly modelId: string;
  /** Instead of those that the policy of the model lets in; it has to let this one in as well. */
  readonly hostId?: string | undefined;
  readonly backendId?: string | undefined;
  /** Starts it again also where it runs as it is to run. */
  readonly isForced: boolean;
  /** What was stopped counts as stopped, also where it answers still. */
  readonly isStopTrusted?: boolean | undefined;
};

export type Choice =
  | { readonly ok: true; readonly target: Target; readonly reason: string }
  | { readonly ok: false; readonly error: PlanError };

type Rejected = PlanError['rejected'][number];

/** The first host that a backend fits, and its first fitting backend. */
export function choose(file: RuntimesFile, request: SelectRequest): Choice {
  const model = file.models.find(({ id }) => id === request.modelId);
  if (model?.enabled !== true) {
    return refused('MODEL_NOT_FOUND', notUsable('models', request.modelId, file));
  }
  const hosts = hostsFor(file, model, request.hostId);
  if (!hosts.ok) return hosts;
  const backends = backendsFor(file, model, request.backendId, hosts.entries);
  if (!backends.ok) return backends;
  return firstPair(model, hosts, backends.entries, request);
}

type Candidates<Entry> =
  | {
      readonly ok: true;
      readonly entries: readonly Entry[];
      readonly rejected: readonly Rejected[];
    }
  | Extract<Choice, { ok: false }>;

function hostsFor(
  file: RuntimesFile,
  model: RuntimeModel,
  hostId: string | undefined,
): Candidates<RuntimeHost> {
  if (hostId !== undefined) return namedHost(file, model, hostId);
  const listed = inOrderOf(model.host_policy, file.hosts);
  const entries = listed.filter(({ enabled }) => enabled);
  const rejected = listed
    .filter(({ enabled }) => !enabled)
    .map(({ id }) => pair(id, undefined, 'hosts[].enabled'));
  if (entries.length > 0) return { ok: true, entries, rejected };
  const reason = `No eligible host found for model ${model.id}`;
  return refused('NO_ELIGIBLE_HOST', reason, rejected);
}

function namedHost(file: RuntimesFile, model: RuntimeModel, id: string): Candidates<RuntimeHost> {
  const host = file.hosts.find((one) => one.id === id);
  if (host?.enabled !== true) {
    const rule = host === undefined ? 'hosts[].id' : 'hosts[].enabled';
    return refused('NO_ELIGIBLE_HOST', notUsable('hosts', id, file), [pair(id, undefined, rule)]);
  }
  if (allows(model.host_policy, id)) return { ok: true, entries: [host], rejected: [] };
  const reason = `Host ${id} violates host policy for model ${model.id}`;
  return refused('HOST_POLICY_VIOLATION', reason, [pair(id, undefined, 'models[].host_policy')]);
}

function backendsFor(
  file: RuntimesFile,
  model: RuntimeModel,
  backendId: string | undefined,
  hosts: readonly RuntimeHost[],
): Candidates<RuntimeBackend> {
  if (backendId === undefined) {
    const entries = inOrderOf(model.backend_policy, file.backends);
    return { ok: true, entries, rejected: [] };
  }
  const onEach = (rule: Rule) => hosts.map(({ id }) => pair(id, backendId, rule));
  const backend = file.backends.find(({ id }) => id === backendId);
  if (backend?.enabled !== true) {
    const rule = backend === undefined ? 'backends[].id' : 'backends[].enabled';
    return refused('BACKEND_NOT_FOUND', notUsable('backends', backendId, file), onEach(rule));
  }
  if (allows(model.backend_policy, backendId))
    return { ok: true, entries: [backend], rejected: [] };
  const reason = `Backend ${backendId} violates backend policy for model ${model.id}`;
  return refused('BACKEND_POLICY_VIOLATION', reason, onEach('models[].backend_policy'));
}

/** `Model not found or disabled: smal (no such model; did you mean small?)` */
function notUsable(section: Section, id: string, file: RuntimesFile): string {
  const name = entryNames[section];
  const entries: readonly { readonly id: string }[] = file[section];
  const ids = entries.map((entry) => entry.id);
  const meant = nearest(id, ids);
  const unknown = `no such ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  const why = ids.includes(id) ? 'disabled' : unknown;
  return `${name.replace(/^./, (letter) => letter.toUpperCase())} not found or disabled: ${id} (${why})`;
}

function firstPair(
  model: RuntimeModel,
  hosts: Extract<Candidates<RuntimeHost>, { ok: true }>,
  backends: readonly RuntimeBackend[],
  request: SelectRequest,
): Choice {
  const rejected = [...hosts.rejected];
  for (const host of hosts.entries) {
    for (const backend of backends) {
      const rule = misfit(host, backend);
      if (rule === undefined) return chosen({ model, host, backend }, request);
      rejected.push(pair(host.id, backend.id, rule));
    }
  }
  const [host] = hosts.entries;
  const needsNone = model.backend_policy === 'any' && request.backendId === undefined;
  if (needsNone && host !== undefined) return chosen({ model, host, backend: undefined }, request);
  return noPair(model, request.backendId, rejected);
}

function noPair(
  model: RuntimeModel,
  backendId: string | undefined,
  rejected: readonly Rejected[],
): Choice {
  if (backendId === undefined) {
    const reason = `No eligible backend found for model ${model.id}`;
    return refused('BACKEND_NOT_FOUND', reason, rejected);
  }
  const places = rejected
    .filter((one) => one.backendId === backendId)
    .map(({ hostId, rule }) => `host ${hostId}: excluded by ${rule}`);
  const reason = `Backend ${backendId} cannot run on ${places.join(', nor on ')}`;
  return refused('BACKEND_HOST_MISMATCH', reason, rejected);
}

function chosen(target: Target, request: SelectRequest): Choice {
  const { model, host, backend } = target;
  const asked = request.backendId === undefined ? 'a backend' : `backend ${request.backendId}`;
  const what = backend === undefined ? 'is enabled' : `${asked} fits`;
  const first = `host ${host.id} is the first ${within('host_policy', model.host_policy)} that ${what}`;
  const why = request.hostId === undefined ? first : `host ${host.id} was asked for`;
  return { ok: true, target, reason: `${why}, and ${backendReason(target, request)}` };
}

function backendReason({ model, backend }: Target, request: SelectRequest): string {
  if (backend === undefined) return 'no backend fits, which its backend_policy "any" allows';
  if (request.backendId !== undefined) return `backend ${backend.id} was asked for`;
  const place = within('backend_policy', model.backend_policy);
  return `backend ${backend.id} is the first ${place} that fits it`;
}

function within(key: string, policy: Policy): string {
  return policy === 'any' ? 'in the file' : `in ${key}`;
}

function pair(hostId: string, backendId: string | undefined, rule: Rule): Rejected {
  return { hostId, backendId, rule };
}

function refused(
  code: PlanErrorCode,
  reason: string,
  rejected: readonly Rejected[] = [],
): Extract<Choice, { ok: false }> {
  return { ok: false, error: { code, reason, rejected } };
}
