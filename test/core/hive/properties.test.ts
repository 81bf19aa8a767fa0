import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RegisteredService, strategies } from '../../../src/core/hive/catalogue.ts';
import { clusterHealth } from '../../../src/core/hive/cluster-health.ts';
import { availabilities, kinds } from '../../../src/core/hive/documents.ts';
import { matchRoutes } from '../../../src/core/hive/match/match-routes.ts';
import { modelsList } from '../../../src/core/hive/models-list.ts';
import { pick, resolve } from '../../../src/core/hive/routing/resolve.ts';
import type { RoutingView } from '../../../src/core/hive/routing/view.ts';
import {
  asset,
  assetDocument,
  benchmark,
  catalogue,
  type Entries,
  host,
  matchRequest,
  NOW_S,
  options,
  role,
  service,
} from './samples.ts';

const hostIds = ['h1', 'h2', 'h3'];
const assetIds = ['qwen3-8b', 'mistral', 'fast chat', 'r1'];
const roleIds = ['r1', 'r2', 'r3'];
const serviceIds = ['h1/a', 'h1/b', 'h2/a', 'h2/\uff5e', 'h3/\u{1f600}', 'r2'];
const words = ['fast', 'chat', 'qwen3', 'reasoning', 'debug'];
const names = [...serviceIds, ...assetIds, ...roleIds, 'nobody'];

const kind = fc.constantFrom(...kinds);
const some = <Value>(...values: readonly Value[]) => fc.subarray([...values]);
const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });

const hosts = fc.record({
  lastSeen: fc.constantFrom(NOW_S, NOW_S - 30, NOW_S - 31),
  state: fc.constantFrom('online', 'online', 'online', 'offline'),
  labels: fc.constantFrom({}, { class: 'gpu' }, { class: 'cpu' }),
});

const status = fc.constantFrom('healthy', 'healthy', 'unhealthy');

const services = fc.record({
  hostId: fc.constantFrom(...hostIds),
  kind,
  assets: fc.array(
    fc.record({ id: fc.constantFrom(...assetIds), loaded: fc.boolean() }).map(({ id, loaded }) => {
      return asset(id, { loaded });
    }),
    { maxLength: 3 },
  ),
  state: fc.record({
    health: status,
    availability: fc.constantFrom('available', 'available', ...availabilities),
    accept_requests: fc.constantFrom(true, true, false),
  }),
  observed: fc.record({
    p50_latency_ms: orNull(fc.constantFrom(0, 900, 1500, 5000)),
    tokens_per_sec: orNull(fc.constantFrom(-3, 7.9, 8, 20)),
    queue_depth: orNull(fc.integer({ min: -1, max: 9 })),
    in_flight: orNull(fc.integer({ min: 0, max: 3 })),
    max_context_tokens: orNull(fc.constantFrom(2048, 8192)),
  }),
  sample: fc.option(fc.record({ status, observed_at: fc.constantFrom(NOW_S, NOW_S - 31) }), {
    nil: undefined,
  }),
});

const roles = fc.record({
  operation: kind,
  description: fc.constantFrom(...words),
  routing: fc.record({
    preferred_families: some('Qwen3', 'MISTRAL'),
    preferred_labels: some('gpu', 'class=cpu'),
    min_context: orNull(fc.constantFrom(4096)),
    require_loaded: fc.boolean(),
    fallback_roles: fc.array(fc.constantFrom(...names), { maxLength: 3 }),
  }),
});

const benchmarks = fc.record({
  service_id: fc.constantFrom(...serviceIds),
  workload: fc.constantFrom('chat.fast', 'chat.debug', ''),
  observed_at: fc.constantFrom(NOW_S, NOW_S - 99),
  results: fc.dictionary(
    fc.constantFrom('quality_score', 'pass_rate', 'tokens_per_sec', 'ttft_ms'),
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant('1')),
  ),
});

const entries: fc.Arbitrary<Entries> = fc
  .record({
    hosts: fc.tuple(hosts, hosts, hosts),
    services: fc.array(fc.tuple(fc.constantFrom(...serviceIds), services), { maxLength: 8 }),
    roles: fc.tuple(roles, roles, roles),
    benchmarks: fc.array(benchmarks, { maxLength: 4 }),
  })
  .map((drawn) => ({
    hosts: drawn.hosts.map((changes, at) => host(hostIds[at] ?? '', changes)),
    services: [...new Map(drawn.services)].map(([id, { sample, ...changes }]) =>
      service(id, sample === undefined ? changes : { ...changes, sample }),
    ),
    assets: [assetDocument('r1', { family: 'Mistral' })],
    roles: drawn.roles.map((changes, at) => role(roleIds[at] ?? '', changes)),
    benchmarks: drawn.benchmarks.map((changes, at) => benchmark(`b${at}`, changes)),
  }));

const chosenOptions = fc.record({
  healthStaleAfterS: fc.constant(30),
  defaultStrategy: fc.constantFrom(...strategies),
  profile: fc.constantFrom('v1' as const, 'v2' as const),
  failOpen: fc.boolean(),
  benchmarkMaxAgeS: fc.constantFrom(undefined, 50),
});

const turns = fc.nat(7);

const views: fc.Arbitrary<RoutingView> = fc
  .record({ entries, options: chosenOptions, turn: turns })
  .map((drawn) => ({
    catalogue: catalogue(drawn.entries),
    nowS: NOW_S,
    options: { ...options, ...drawn.options },
    turn: () => drawn.turn,
  }));

const requests = fc
  .record({
    tasks: some(...words),
    workloads: some('chat.fast', 'debug things'),
    kind: orNull(kind),
    limit: fc.integer({ min: -1, max: 20 }),
  })
  .map(matchRequest);

test('the order in which things were registered changes no answer', () => {
  fc.assert(
    fc.property(views, requests, (view, request) => {
      const turned = { ...view, catalogue: reversed(view.catalogue) };
      expect(matchRoutes(turned, request)).toEqual(matchRoutes(view, request));
      for (const name of names) expect(resolve(turned, name)).toEqual(resolve(view, name));
      const policy = () => null;
      expect(modelsList(turned, policy)).toEqual(modelsList(view, policy));
      expect(clusterHealth(turned)).toEqual(clusterHealth(view));
    }),
  );
});

test('scores are between 0 and 1 and go down, and no more than asked for are shown', () => {
  fc.assert(
    fc.property(views, requests, (view, request) => {
      const { candidates } = matchRoutes(view, request);
      const scores = candidates.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const score of scores) expect(score).toBeGreaterThanOrEqual(0);
      for (const score of scores) expect(score).toBeLessThanOrEqual(1);
      expect(candidates.length).toBeLessThanOrEqual(Math.max(1, request.limit));
    }),
  );
});

test('no candidate is ever on a silent host but in a degraded answer, which only fail-open gives', () => {
  fc.assert(
    fc.property(views, requests, (view, request) => {
      for (const name of names) {
        const { ranked = [], degraded = false } = resolve(view, name) ?? {};
        expect(ranked.some((one) => isSilent(one.row.host_id, view))).toBe(degraded);
        if (degraded) expect(ranked.every((one) => isSilent(one.row.host_id, view))).toBe(true);
        if (degraded) expect(view.options.failOpen).toBe(true);
      }
      const { candidates, degraded = false } = matchRoutes(view, request);
      const hostIdsOf = candidates.flatMap(({ service: row }) => row?.host_id ?? []);
      expect(hostIdsOf.some((id) => isSilent(id, view))).toBe(degraded);
    }),
  );
});

test('a service is a candidate of a name or excluded from it, never both, and the first one is chosen', () => {
  fc.assert(
    fc.property(views, fc.option(kind, { nil: undefined }), (view, wanted) => {
      for (const name of names) {
        const resolution = resolve(view, name, wanted);
        const { service: chosen, ranked = [], excluded = [] } = resolution ?? {};
        expect(chosen).toBe(ranked[0]);
        expect(pick(view, name, wanted)?.service).toBe(chosen);
        const isFallback = resolution?.kind === 'role' && resolution.fallbackVia !== undefined;
        const ids = ranked.map(idOf);
        expect(new Set(ids).size).toBe(ids.length);
        if (!isFallback) {
          expect(excluded.filter(({ service_id }) => ids.includes(service_id))).toEqual([]);
        }
      }
    }),
  );
});

test('a name without a kind is answered with one kind alone where a role has led to it', () => {
  fc.assert(
    fc.property(views, (view) => {
      for (const name of roleIds) {
        const resolution = resolve(view, name);
        if (resolution?.kind !== 'role') continue;
        const found = resolution.ranked.map(({ row }) => row.kind);
        expect(found.filter((one) => one !== resolution.role.operation)).toEqual([]);
      }
    }),
  );
});

function idOf({ row }: RegisteredService): string {
  return row.service_id;
}

function isSilent(hostId: string, { catalogue: { hosts: rows }, nowS }: RoutingView): boolean {
  return nowS - (rows.get(hostId)?.status.last_seen ?? nowS) > options.healthStaleAfterS;
}

function reversed(all: RoutingView['catalogue']): RoutingView['catalogue'] {
  return {
    hosts: backwards(all.hosts),
    services: backwards(all.services),
    assets: backwards(all.assets),
    roles: backwards(all.roles),
    benchmarks: backwards(all.benchmarks),
  };
}

function backwards<Value>(entriesById: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map([...entriesById].reverse());
}
