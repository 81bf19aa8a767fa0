import { expect, test } from 'vitest';
import type { RoutingOptions } from '../../../../src/core/hive/catalogue.ts';
import { type Resolution, resolve } from '../../../../src/core/hive/routing/resolve.ts';
import {
  asset,
  assetDocument,
  type Entries,
  host,
  NOW_S,
  type RoleChanges,
  role,
  service,
  view,
} from '../samples.ts';

function ids(resolution: Resolution | undefined): readonly string[] | undefined {
  return resolution?.ranked.map(({ row }) => row.service_id);
}

function rankedFor(
  entries: Entries,
  name: string,
  changes: Partial<RoutingOptions> = {},
): readonly string[] | undefined {
  return ids(resolve(view(entries, changes), name));
}

function forRole(
  changes: RoleChanges,
  services: Entries['services'],
  rest: Entries = {},
  options: Partial<RoutingOptions> = {},
): readonly string[] | undefined {
  return rankedFor(
    { ...rest, services: services ?? [], roles: [role('r', changes)] },
    'r',
    options,
  );
}

const p50 = (p50_latency_ms: number | null) => ({ observed: { p50_latency_ms } });

test('a name that nobody has leads nowhere', () => {
  const entries = { services: [service('h1/chat/a', { assets: ['m'] })] };
  expect(resolve(view(entries), 'nope')).toBeUndefined();
  expect(resolve(view(entries), 'M')).toBeUndefined();
  expect(resolve(view(entries), 'm', 'embeddings')).toBeUndefined();
  expect(resolve(view(entries), 'm', 'bogus')).toBeUndefined();
});

test('a name leads to the services that have it as their id or as that of an asset', () => {
  const services = [service('m', { hostId: 'h1' }), service('h1/chat/a', { assets: ['m'] })];
  const resolution = resolve(view({ services }), 'm');
  expect(ids(resolution)).toEqual(['h1/chat/a', 'm']);
  expect(resolution?.reasons).toEqual(['the name is that of an asset', 'it has an asset loaded']);
});

test('a service that has its own name as an asset is one candidate', () => {
  expect(
    rankedFor({ services: [service('a', { hostId: 'h1', assets: ['a', 'a'] })] }, 'a'),
  ).toEqual(['a']);
});

test('of the services of a name, the loaded ones come first, then the fast ones, then the last id', () => {
  const cold = { assets: [asset('m', { loaded: false })] };
  const services = [
    service('h1/cold-fast', { ...cold, ...p50(1) }),
    service('h1/slow', { assets: ['m'], ...p50(900) }),
    service('h1/unmeasured', { assets: ['m'] }),
    service('h1/fast', { assets: [asset('m', { loaded: false }), asset('other')], ...p50(400) }),
    service('h1/fast2', { assets: ['m'], ...p50(400) }),
  ];
  expect(rankedFor({ services }, 'm')).toEqual([
    'h1/fast2',
    'h1/fast',
    'h1/slow',
    'h1/unmeasured',
    'h1/cold-fast',
  ]);
});

test('equal services are in the order of their code points, the greatest first', () => {
  const services = ['h\uff5e', 'h\u{1f600}', 'hz', 'hZ'].map((id) =>
    service(id, { assets: ['m'] }),
  );
  expect(rankedFor({ services }, 'm')).toEqual(['h\u{1f600}', 'h\uff5e', 'hz', 'hZ']);
});

test('a name that is known and that nothing serves has no service, and says why', () => {
  const services = [
    service('h1/chat/sick', { assets: ['m'], state: { health: 'unhealthy' } }),
    service('h1/chat/closed', { assets: ['m'], state: { accept_requests: false } }),
  ];
  expect(resolve(view({ services }), 'm')).toEqual({
    kind: 'direct',
    service: undefined,
    ranked: [],
    degraded: false,
    reasons: ['nothing can serve it now'],
    excluded: [
      { service_id: 'h1/chat/closed', reason: 'it accepts no requests' },
      { service_id: 'h1/chat/sick', reason: 'its host does not declare it healthy' },
    ],
  });
});

test('an asset that can be used goes before a role of its name, and the role before one that cannot', () => {
  const services = [service('h1/chat/a', { assets: ['r'] }), service('h1/chat/b', p50(1))];
  expect(resolve(view({ services, roles: [role('r')] }), 'r')).toMatchObject({
    kind: 'direct',
    service: { row: { service_id: 'h1/chat/a' } },
  });
  const sick = service('h1/chat/a', { assets: ['r'], state: { health: null } });
  const others = [sick, service('h1/chat/b')];
  expect(resolve(view({ services: others, roles: [role('r')] }), 'r')).toMatchObject({
    kind: 'role',
    service: { row: { service_id: 'h1/chat/b' } },
  });
});

test('a role has the services of its operation, or of the kind that is asked for', () => {
  const services = [service('h1/chat/a'), service('h1/emb/e', { kind: 'embeddings' })];
  const all = view({ services, roles: [role('r')] });
  expect(ids(resolve(all, 'r'))).toEqual(['h1/chat/a']);
  expect(ids(resolve(all, 'r', 'embeddings'))).toEqual(['h1/emb/e']);
  expect(resolve(all, 'r', 'bogus')).toMatchObject({ kind: 'role', service: undefined });
});

test('a role prefers its families, then its labels, then what is loaded, fast and last', () => {
  const cold = (id: string) => asset(id, { loaded: false });
  const services = [
    service('h1/a', { assets: [cold('Qwen3-8B')], ...p50(9000) }),
    service('h2/b', { assets: [cold('llama')] }),
    service('h3/c', { assets: ['llama'], ...p50(1) }),
    service('h3/d', { assets: ['llama'], ...p50(1) }),
    service('h3/e', { assets: ['llama'] }),
  ];
  const hosts = [host('h1'), host('h2', { labels: { class: 'gpu' } }), host('h3')];
  const routing = { preferred_families: ['QWEN3'], preferred_labels: ['class=gpu'] };
  const inOrder = ['h1/a', 'h2/b', 'h3/d', 'h3/c', 'h3/e'];
  expect(forRole({ routing }, services, { hosts })).toEqual(inOrder);
});

test('a label is preferred by its value or with its key, and more of them count more', () => {
  const hosts = [
    host('h1', { labels: { class: 'gpu' } }),
    host('h2', { labels: { class: 'gpu', tier: 'stable' } }),
    host('h3', { labels: { gpu: 'class', stable: 'no' } }),
  ];
  const services = ['h1/a', 'h2/b', 'h3/c'].map((id) => service(id));
  const routing = { preferred_labels: ['gpu', 'tier=stable'] };
  expect(forRole({ routing }, services, { hosts })).toEqual(['h2/b', 'h1/a', 'h3/c']);
});

test('the registered family of an asset counts as its id does', () => {
  const services = [service('h1/a', { assets: ['m1'] }), service('h1/b', { assets: ['m2'] })];
  const assets = [assetDocument('m1', { family: 'Mistral-7B' }), assetDocument('m2')];
  const routing = { preferred_families: ['mistral'] };
  expect(forRole({ routing }, services, { assets })).toEqual(['h1/a', 'h1/b']);
});

test('the order of the preferred families counts in v2 alone', () => {
  const services = [
    service('h1/a', { assets: ['mistral'] }),
    service('h1/b', { assets: ['qwen'], ...p50(1) }),
  ];
  const routing = { preferred_families: ['mistral', 'qwen'] };
  expect(forRole({ routing }, services)).toEqual(['h1/b', 'h1/a']);
  expect(forRole({ routing }, services, {}, { profile: 'v2' })).toEqual(['h1/a', 'h1/b']);
});

test('a role that needs something loaded has no candidate without', () => {
  const services = [
    service('h1/a', { assets: [asset('m', { loaded: false })] }),
    service('h1/b', { assets: ['m'] }),
  ];
  const routing = { require_loaded: true };
  expect(forRole({ routing }, services)).toEqual(['h1/b']);
  const cold = view({ services: services.slice(0, 1), roles: [role('r', { routing })] });
  expect(resolve(cold, 'r')).toMatchObject({
    kind: 'role',
    service: undefined,
    excluded: [{ service_id: 'h1/a', reason: 'it has nothing loaded' }],
  });
});

test('a role with a least context leaves out what is known to have less', () => {
  const routing = { min_context: 8192 };
  const services = [
    service('h1/asset', { assets: [asset('m', { context_size: 4096, max_context_tokens: 8192 })] }),
    service('h1/observed', { observed: { max_context_tokens: 4096 } }),
    service('h1/runtime', { runtime: { context_size: 8191 } }),
    service('h1/largest', {
      runtime: { context_size: 1024 },
      observed: { max_context_tokens: 9000 },
    }),
    service('h1/trained-less', { assets: ['small'] }),
    service('h1/trained-more', { assets: ['large'] }),
    service('h1/said-less', { assets: ['large'], runtime: { context_size: 2048 } }),
    service('h1/default', { runtime: { context_size: 0 } }),
    service('h1/text', { runtime: { context_size: '1' } }),
    service('h1/unknown'),
  ];
  const assets = [
    assetDocument('small', { metadata: { ctx_train: 4096 } }),
    assetDocument('large', { metadata: { ctx_train: 32768 } }),
  ];
  const resolution = resolve(view({ services, assets, roles: [role('r', { routing })] }), 'r');
  expect(resolution?.excluded).toEqual(
    ['h1/observed', 'h1/runtime', 'h1/said-less', 'h1/trained-less'].map((service_id) => ({
      service_id,
      reason: 'its context is too small',
    })),
  );
});

test('the least busy service comes first where that is the strategy, and the first id of equals', () => {
  const load = (queue_depth: number | null, in_flight: number | null, p50_latency_ms = 0) => ({
    observed: { queue_depth, in_flight, p50_latency_ms },
  });
  const services = [
    service('h1/d', load(2, 1)),
    service('h1/c', load(null, 1)),
    service('h1/b', load(1, null)),
    service('h1/a', load(0, 1, 5000)),
    service('h1/free'),
  ];
  const strategy = { defaultStrategy: 'least_loaded' } as const;
  const inOrder = ['h1/free', 'h1/a', 'h1/b', 'h1/c', 'h1/d'];
  expect(forRole({}, services, {}, strategy)).toEqual(inOrder);
});

test('a strategy says nothing to the name of an asset', () => {
  const services = [
    service('h1/a', { assets: ['m'] }),
    service('h1/b', { assets: ['m'], observed: { queue_depth: 9 } }),
  ];
  for (const defaultStrategy of ['least_loaded', 'round_robin'] as const) {
    expect(rankedFor({ services }, 'm', { defaultStrategy })).toEqual(['h1/b', 'h1/a']);
  }
});

test('in turns, each service of the best family comes first once, and looking changes nothing', () => {
  const services = [
    service('h1/b', { assets: ['qwen'] }),
    service('h1/c', { assets: ['qwen'] }),
    service('h1/a', { assets: ['llama'] }),
  ];
  const roles = [role('r', { routing: { preferred_families: ['qwen'] } })];
  const at = (turn: number) => ({
    ...view({ services, roles }, { defaultStrategy: 'round_robin' }),
    turn: (roleId: string) => (roleId === 'r' ? turn : 99),
  });
  const rotated = [0, 0, 1, 2].map((turn) => ids(resolve(at(turn), 'r')));
  expect(rotated).toEqual([
    ['h1/b', 'h1/c', 'h1/a'],
    ['h1/b', 'h1/c', 'h1/a'],
    ['h1/c', 'h1/b', 'h1/a'],
    ['h1/b', 'h1/c', 'h1/a'],
  ]);
  expect(resolve(at(1), 'r')?.reasons).toEqual(['it is its turn']);
});

test('in turns, without counts it is the turn of the first, and nobody has one where there is none', () => {
  const strategy = { defaultStrategy: 'round_robin' } as const;
  const services = [service('h1/b'), service('h1/a')];
  expect(forRole({}, services, {}, strategy)).toEqual(['h1/a', 'h1/b']);
  expect(forRole({}, services.slice(0, 1), {}, strategy)).toEqual(['h1/b']);
  expect(forRole({}, [], {}, strategy)).toEqual([]);
});

test('the first fallback that has a service serves a role that has none', () => {
  const services = [service('h1/emb/e', { kind: 'embeddings', assets: ['m-e'] })];
  const roles = [
    role('r', { routing: { fallback_roles: ['nobody', 'empty', 'm-e', 'deep'] } }),
    role('empty', { operation: 'embeddings', routing: { min_context: 1, require_loaded: true } }),
    role('deep'),
  ];
  expect(resolve(view({ services, roles }), 'r')).toMatchObject({ service: undefined });
  const all = [...services, service('h1/chat/a', { assets: [asset('m-e', { loaded: false })] })];
  expect(resolve(view({ services: all, roles: roles.map(demanding) }), 'r')).toMatchObject({
    kind: 'role',
    role: { role_id: 'r' },
    fallbackVia: 'm-e',
    service: { row: { service_id: 'h1/chat/a' } },
    reasons: ['nothing else serves the role, so m-e does', 'it is the only one that can'],
    excluded: [{ service_id: 'h1/chat/a', reason: 'it has nothing loaded' }],
  });
});

function demanding(one: ReturnType<typeof role>): ReturnType<typeof role> {
  return { ...one, routing_policy: { ...one.routing_policy, require_loaded: true } };
}

test('a fallback over several roles is named by the entry of the first one, and prefers what the last one does', () => {
  const roles = [
    role('r', {
      operation: 'transcription',
      routing: { fallback_roles: ['b'], require_loaded: true },
    }),
    role('b', { operation: 'chat', routing: { fallback_roles: ['c'], require_loaded: true } }),
    role('c', { routing: { preferred_families: ['whisper'] } }),
  ];
  const cold = (id: string) => ({
    kind: 'transcription' as const,
    assets: [asset(id, { loaded: false })],
  });
  const services = [
    service('h1/tr/a', cold('whisper')),
    service('h1/tr/b', cold('other')),
    service('h1/chat/z', { assets: ['whisper'] }),
  ];
  const resolution = resolve(view({ services, roles }), 'r');
  expect(resolution).toMatchObject({ role: { role_id: 'r' }, fallbackVia: 'b' });
  expect(ids(resolution)).toEqual(['h1/tr/a', 'h1/tr/b']);
});

test('fallbacks that lead back to themselves end', () => {
  const cycle = (role_id: string, ...fallback_roles: readonly string[]) =>
    role(role_id, { routing: { fallback_roles } });
  const roles = [cycle('a', 'a', 'b', 'b'), cycle('b', 'c', 'a'), cycle('c', 'b', 'a', 'c')];
  for (const { role_id } of roles) {
    expect(resolve(view({ roles }), role_id)).toMatchObject({ kind: 'role', service: undefined });
  }
});

test('silent hosts are used where all are silent and that is allowed, and the answer says so', () => {
  const services = [service('h1/a', { assets: ['m'] }), service('h2/b', { assets: ['m'] })];
  const old = { lastSeen: NOW_S - 31 };
  const roles = [role('r')];
  const allSilent = { services, roles, hosts: [host('h1', old), host('h2', old)] };
  expect(resolve(view(allSilent), 'm')).toMatchObject({ service: undefined, degraded: false });
  for (const name of ['m', 'r']) {
    const open = resolve(view(allSilent, { failOpen: true }), name);
    expect(open).toMatchObject({ degraded: true, excluded: [] });
    expect(ids(open)).toEqual(['h2/b', 'h1/a']);
    expect(open?.reasons.at(-1)).toBe('all hosts that could serve it are silent');
  }
  const oneSilent = { services, roles, hosts: [host('h1'), host('h2', old)] };
  expect(resolve(view(oneSilent, { failOpen: true }), 'm')).toMatchObject({
    service: { row: { service_id: 'h1/a' } },
    degraded: false,
    excluded: [{ service_id: 'h2/b', reason: 'its host was silent for too long' }],
  });
});

test('a fallback on a live host goes before a silent one, and one that is ill is never used', () => {
  const hosts = [host('h1', { lastSeen: 0 }), host('h2')];
  const routing = { require_loaded: true, fallback_roles: ['other'] };
  const roles = [role('r', { routing }), role('other')];
  const silent = service('h1/a', { assets: ['m'] });
  const open = (services: Entries['services']) =>
    resolve(view({ services: services ?? [], hosts, roles }, { failOpen: true }), 'r');
  expect(open([silent, service('h2/b')])).toMatchObject({
    service: { row: { service_id: 'h2/b' } },
    fallbackVia: 'other',
    degraded: false,
  });
  expect(open([silent])).toMatchObject({ service: silent, degraded: true });
  const ill = service('h1/a', { assets: ['m'], state: { health: null } });
  expect(open([ill])).toMatchObject({ service: undefined, degraded: false });
});

test('the reason for the first one is what sets it apart from the second', () => {
  const reasonFor = (
    first: Parameters<typeof service>[1],
    second: Parameters<typeof service>[1],
    defaultStrategy: RoutingOptions['defaultStrategy'] = 'scored',
  ) => {
    const services = [service('h1/a', first), service('h1/b', second)];
    const routing = { preferred_families: ['qwen'], preferred_labels: ['gpu'] };
    const hosts = [host('h1'), host('h2', { labels: { class: 'gpu' } })];
    const entries = { services, hosts, roles: [role('r', { routing })] };
    return resolve(view(entries, { defaultStrategy }), 'r')?.reasons;
  };
  expect(reasonFor({ assets: ['qwen'] }, {})).toEqual(['it has a preferred family']);
  expect(reasonFor({ hostId: 'h2' }, {})).toEqual(['its host has more of the preferred labels']);
  expect(reasonFor({ assets: ['m'] }, {})).toEqual(['it has an asset loaded']);
  expect(reasonFor(p50(1), p50(2))).toEqual(['its latency is lower']);
  expect(reasonFor({}, {})).toEqual(['of equals, it has the greatest id']);
  const busy = { observed: { queue_depth: 1 } };
  expect(reasonFor({}, busy, 'least_loaded')).toEqual(['it has less to do']);
  expect(reasonFor(p50(1), p50(0), 'least_loaded')).toEqual(['its latency is lower']);
  expect(reasonFor({}, {}, 'least_loaded')).toEqual(['of equals, it has the smallest id']);
});
