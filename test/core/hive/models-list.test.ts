import { expect, test } from 'vitest';
import type { RoutingOptions } from '../../../src/core/hive/catalogue.ts';
import { type EffectivePolicy, modelsList } from '../../../src/core/hive/models-list.ts';
import { asset, type Entries, host, NOW_S, role, service, view } from './samples.ts';

const echo: EffectivePolicy = (row, target, forRole, requested) => ({
  service: row?.service_id ?? null,
  asset: target?.asset_id ?? null,
  role: forRole?.role_id ?? null,
  requested,
});

function listed(entries: Entries, changes: Partial<RoutingOptions> = {}) {
  return modelsList(view(entries, changes), echo).data;
}

const p50 = (p50_latency_ms: number) => ({ observed: { p50_latency_ms } });

test('a service and each of its assets are entries, by id, with what is known of the service', () => {
  const one = service('h1/chat/q', {
    assets: ['qwen', asset('cold', { loaded: false })],
    ...p50(900),
  });
  const { protocol, endpoint, assets, runtime, observed } = one.row;
  const details = {
    service_id: 'h1/chat/q',
    host_id: 'h1',
    operation: 'chat',
    protocol,
    endpoint,
    health: 'healthy',
    loaded_asset_count: 1,
    assets,
    runtime,
    observed,
    offload_hint: {
      operation: 'chat',
      suitability: 'good_for_low_complexity',
      recommended_for: 'lower-complexity offload',
      inference_basis: { loaded_target_count: 1, best_p50_latency_ms: 900 },
    },
  };
  const model = { object: 'model', created: NOW_S - 101, owned_by: 'h1' };
  const policy = (requested: string, name: string) => ({
    effective_request_policy: { service: 'h1/chat/q', asset: name, role: null, requested },
  });
  const asAsset = { ...details, route_type: 'asset' };
  expect(modelsList(view({ services: [one] }), echo)).toEqual({
    object: 'list',
    data: [
      {
        ...model,
        id: 'cold',
        geniehive: { ...asAsset, asset_id: 'cold', ...policy('cold', 'cold') },
      },
      {
        ...model,
        id: 'h1/chat/q',
        geniehive: { ...details, route_type: 'service', ...policy('h1/chat/q', 'qwen') },
      },
      {
        ...model,
        id: 'qwen',
        geniehive: { ...asAsset, asset_id: 'qwen', ...policy('qwen', 'qwen') },
      },
    ],
  });
});

test('a role is an entry with the counts of those that could serve it', () => {
  const services = [
    service('h1/a', { assets: ['m'], ...p50(4000) }),
    service('h1/b', { assets: [asset('n', { loaded: false })], ...p50(2000) }),
    service('h1/c'),
    service('h1/sick', { assets: ['x'], state: { health: null }, ...p50(1) }),
    service('h1/e', { kind: 'embeddings', ...p50(1) }),
  ];
  const one = role('r', { display_name: 'R' });
  expect(listed({ services, roles: [one] }).find(({ id }) => id === 'r')).toEqual({
    id: 'r',
    object: 'model',
    created: NOW_S - 201,
    owned_by: 'geniehive-role',
    geniehive: {
      route_type: 'role',
      role_id: 'r',
      display_name: 'R',
      operation: 'chat',
      modality: 'text',
      healthy_target_count: 3,
      loaded_target_count: 1,
      best_p50_latency_ms: 2000,
      offload_hint: {
        operation: 'chat',
        suitability: 'usable_for_background_tasks',
        recommended_for: 'lower-complexity offload',
        inference_basis: { loaded_target_count: 1, best_p50_latency_ms: 2000 },
      },
      routing_policy: one.routing_policy,
      effective_request_policy: { service: 'h1/a', asset: 'm', role: 'r', requested: 'r' },
    },
  });
});

test('roles are there without services, and only what gets work is there besides', () => {
  const services = [
    service('h1/sick', { assets: ['x'], state: { health: 'unhealthy' } }),
    service('h2/silent', { assets: ['y'] }),
  ];
  const hosts = [host('h1'), host('h2', { lastSeen: 0 })];
  const roles = [role('hear', { operation: 'transcription' })];
  const data = listed({ services, hosts, roles });
  expect(data.map(({ id }) => id)).toEqual(['hear']);
  expect(data[0]?.geniehive).toMatchObject({
    healthy_target_count: 0,
    best_p50_latency_ms: null,
    offload_hint: { suitability: 'cold_only', recommended_for: 'transcription offload' },
    effective_request_policy: null,
  });
  const open = listed({ services, hosts }, { failOpen: true });
  expect(open.map(({ id }) => id)).toEqual(['h2/silent', 'y']);
});

test('what is fast enough for which tasks is told by its latency, while something is loaded', () => {
  const hintOf = (latency: number | null, loaded = true) => {
    const observed = { p50_latency_ms: latency };
    const services = [
      service('h1/e', { kind: 'embeddings', assets: [asset('m', { loaded })], observed }),
    ];
    return listed({ services })[0]?.geniehive.offload_hint.suitability;
  };
  expect(hintOf(1, false)).toBe('cold_only');
  expect([0, 1500, 1501, 4000, 4001, null].map((latency) => hintOf(latency))).toEqual([
    'good_for_low_complexity',
    'good_for_low_complexity',
    'usable_for_background_tasks',
    'usable_for_background_tasks',
    'available_but_slow',
    'available_but_slow',
  ]);
});

test('only requests of chats are shaped', () => {
  const services = [service('h1/e', { kind: 'embeddings', assets: ['m'] })];
  const roles = [role('r', { operation: 'embeddings' })];
  const policies = listed({ services, roles }).map(
    ({ geniehive }) => geniehive.effective_request_policy,
  );
  expect(policies).toEqual([null, null, null]);
});

test('of one name, the entry is what a request for it would get', () => {
  const services = [
    service('both', { hostId: 'h1', ...p50(900) }),
    service('h1/fast', { assets: ['both', 'r'], ...p50(400) }),
    service('h1/slow', { assets: ['r'], ...p50(800) }),
    service('h1/sick', { assets: ['s'], state: { health: null } }),
  ];
  const roles = [role('r'), role('s')];
  const entries = listed({ services, roles }).map(({ id, owned_by, geniehive }) => [
    id,
    owned_by,
    geniehive.route_type,
    geniehive.route_type === 'role' ? undefined : geniehive.service_id,
  ]);
  expect(entries).toEqual([
    ['both', 'h1', 'asset', 'h1/fast'],
    ['h1/fast', 'h1', 'service', 'h1/fast'],
    ['h1/slow', 'h1', 'service', 'h1/slow'],
    ['r', 'h1', 'asset', 'h1/fast'],
    ['s', 'geniehive-role', 'role', undefined],
  ]);
});

test('a service that is seen to be healthy is listed as that', () => {
  const services = [service('h1/a', { state: { health: null }, sample: { status: 'healthy' } })];
  expect(listed({ services })[0]?.geniehive).toMatchObject({ health: 'healthy' });
});
