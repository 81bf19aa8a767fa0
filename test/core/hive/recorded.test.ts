import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clusterHealth } from '../../../src/core/hive/cluster-health.ts';
import type {
  BenchmarkSample,
  HostRow,
  Kind,
  MatchRequest,
  RoleRow,
} from '../../../src/core/hive/documents.ts';
import { matchRoutes } from '../../../src/core/hive/match/match-routes.ts';
import { modelsList } from '../../../src/core/hive/models-list.ts';
import { resolutionBody } from '../../../src/core/hive/routing/resolution-body.ts';
import { resolve } from '../../../src/core/hive/routing/resolve.ts';
import type { RoutingView } from '../../../src/core/hive/routing/view.ts';
import {
  asset,
  benchmark,
  catalogue,
  host,
  matchRequest,
  NOW_S,
  options,
  role,
  type ServiceChanges,
  service,
} from './samples.ts';

type Sent = {
  readonly host_id: string;
  readonly services: readonly (Omit<ServiceChanges, 'assets'> & {
    readonly service_id: string;
    readonly kind: Kind;
    readonly endpoint: string;
    readonly assets: readonly { readonly asset_id: string; readonly loaded: boolean }[];
  })[];
} & Partial<MatchRequest> & { readonly samples: readonly BenchmarkSample[] };

type Step = {
  readonly sleep?: number;
  readonly path: string;
  readonly query: { readonly model: string; readonly kind?: string } | null;
  readonly json: Sent;
  readonly expect: { readonly status: number; readonly body: Body };
  readonly differs?: { readonly want: string };
};

type Body = { readonly data: readonly { readonly id: string }[] } & Record<string, unknown>;

type Scenario = {
  readonly name: string;
  readonly control: { readonly routing?: { readonly health_stale_after_s: number } };
  readonly roles?: readonly (Pick<RoleRow, 'role_id'> & Partial<RoleRow>)[];
  readonly steps: readonly Step[];
};

const file = new URL('../../../../shared/data/geniehive-cases.json', import.meta.url);
const isThere = existsSync(file);
const recorded: { readonly scenarios: readonly Scenario[] } = isThere
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { scenarios: [] };

const names = ['resolve', 'staleness', 'models', 'match-doc-example', 'runtime-bands'];

test.skipIf(!isThere).each(names)(
  'the recorded answers of %s are given, where the recorded cases are there',
  (name) => {
    const scenario = recorded.scenarios.find((one) => one.name === name);
    expect(scenario).toBeDefined();
    if (scenario !== undefined) replay(scenario);
  },
);

function replay({ control, roles = [], steps }: Scenario): void {
  let state = { ...catalogue({ roles: roles.map(roleOf) }), nowS: NOW_S };
  const healthStaleAfterS = control.routing?.health_stale_after_s ?? options.healthStaleAfterS;
  for (const step of steps) {
    const view = { catalogue: state, nowS: state.nowS, options: { ...options, healthStaleAfterS } };
    if (step.sleep !== undefined) state = { ...state, nowS: state.nowS + step.sleep };
    else if (step.path.startsWith('/v1/nodes/')) state = { ...state, ...told(state, step.json) };
    else if (step.path === '/v1/cluster/benchmarks') state = { ...state, ...measured(step.json) };
    else check(view, step);
  }
}

function told(
  { hosts, services, nowS }: RoutingView['catalogue'] & { readonly nowS: number },
  { host_id, services: sent = [] }: Sent,
) {
  const row: HostRow = host(host_id, { lastSeen: nowS });
  const rows = sent.map(({ service_id, endpoint, assets, ...rest }) => {
    const own = assets.map((one) => asset(one.asset_id, one));
    const one = service(service_id, { ...rest, hostId: host_id, assets: own });
    return [service_id, { ...one, row: { ...one.row, endpoint } }] as const;
  });
  return {
    hosts: new Map([...hosts, [host_id, row]]),
    services: rows.length === 0 ? services : new Map(rows),
  };
}

function measured({ samples }: Sent) {
  return {
    benchmarks: new Map(samples.map((one) => [one.benchmark_id, benchmark(one.benchmark_id, one)])),
  };
}

function roleOf(sent: Pick<RoleRow, 'role_id'> & Partial<RoleRow>): RoleRow {
  const { role_id, routing_policy, prompt_policy, ...rest } = sent;
  const base = role(role_id, { ...rest, routing: routing_policy ?? {} });
  return { ...base, prompt_policy: { ...base.prompt_policy, ...prompt_policy } };
}

function check(view: RoutingView, step: Step): void {
  // A request that is refused for its form comes to none of these functions.
  if (step.expect.status === 422) return;
  switch (step.path) {
    case '/v1/cluster/routes/resolve':
      expect(resolved(view, step)).toMatchObject(wantedResolution(step));
      return;
    case '/v1/cluster/routes/match':
      expect(matchRoutes(view, matchRequest(step.json))).toMatchObject(
        comparable(step.expect.body),
      );
      return;
    case '/v1/cluster/health':
      expect(clusterHealth(view)).toMatchObject(step.expect.body);
      return;
    case '/v1/models':
      checkModels(view, step.expect.body);
  }
}

function resolved(view: RoutingView, { query }: Step): object {
  const { model, kind } = query ?? { model: '' };
  const resolution = resolve(view, model, kind);
  if (resolution === undefined) return { error: 'no_route', model, kind: kind ?? null };
  return { status: 'ok', resolution: resolutionBody(resolution) };
}

/** Of a role or a direct name that nothing can serve, the recorded program said something else. */
function wantedResolution({ differs, expect: { body } }: Step): object {
  if (differs === undefined) return comparable(body);
  const type = /^match_type (\w+), service null/.exec(differs.want)?.[1];
  return { resolution: { match_type: type, service: null } };
}

/** Policies are of another part, and one name is that of a role and of an asset. */
function checkModels(view: RoutingView, body: Body): void {
  const { data } = modelsList(view, () => null);
  expect(data.map(({ id }) => id)).toEqual(body.data.map(({ id }) => id));
  for (const wanted of body.data) {
    const entry = data.find(({ id }) => id === wanted.id);
    if (wanted.id === 'm-dup') expect(entry?.geniehive.route_type).toBe('asset');
    else expect(entry).toMatchObject(withoutPolicy(comparable(wanted)));
  }
}

function withoutPolicy(entry: object): object {
  return mapped(entry, (key, value) => (key === 'effective_request_policy' ? null : value));
}

function comparable(body: object): object {
  return mapped(body, (_key, value) => (value === '<ts>' ? expect.any(Number) : value));
}

function mapped(value: object, change: (key: string, value: unknown) => unknown): object {
  return JSON.parse(JSON.stringify(value), change);
}
