import { expect, test } from 'vitest';
import type { BenchmarkSample, MatchCandidate } from '../../../../src/core/hive/documents.ts';
import { matchRoutes } from '../../../../src/core/hive/match/match-routes.ts';
import {
  asset,
  benchmark,
  type Entries,
  host,
  matchRequest,
  NOW_S,
  role,
  type ServiceChanges,
  service,
  view,
} from '../samples.ts';

const fast = { p50_latency_ms: 1100, tokens_per_sec: 28, queue_depth: 0 };
const measured = { tokens_per_sec: 30, ttft_ms: 900, quality_score: 0.9 };

const documented: Entries = {
  services: [
    service('p40-box/chat/gpu1-secondary', { assets: ['Qwen3.5-9B-Q5_K_M'], observed: fast }),
  ],
  roles: [
    role('general_assistant', {
      display_name: 'General Assistant',
      description: 'Fast general technical assistant for reasoning and question answering.',
      routing: { preferred_families: ['qwen3.5', 'qwen'] },
    }),
  ],
  benchmarks: [
    benchmark('bench-qwen-1', { service_id: 'p40-box/chat/gpu1-secondary', results: measured }),
  ],
};

const request = matchRequest({
  task: 'fast technical reasoning for an interactive assistant',
  tasks: ['interactive debugging help', 'concise technical explanations'],
  workload: 'chat.short_reasoning',
  workloads: ['chat.short_reasoning', 'chat.concise_support'],
  kind: 'chat',
  modality: 'text',
  limit: 5,
});

function ranking(candidates: readonly MatchCandidate[]): readonly (readonly [string, number])[] {
  return candidates.map(({ candidate_id, score }) => [candidate_id, score]);
}

function only(
  changes: ServiceChanges,
  benchmarks: readonly BenchmarkSample[] = [],
): MatchCandidate {
  const services = [service('h1/chat/a', changes)];
  const [one] = matchRoutes(view({ services, benchmarks }), matchRequest()).candidates;
  if (one === undefined) throw new Error('the service is no candidate');
  return one;
}

test('the documented role is worth 0.7914 for the documented task, and its service 0.7325', () => {
  const { candidates, ...rest } = matchRoutes(view(documented), request);
  expect(rest).toEqual({
    status: 'ok',
    task_count: 3,
    tasks: [request.task, ...request.tasks],
    workloads: [request.workload, ...request.workloads],
    kind: 'chat',
    modality: 'text',
  });
  expect(ranking(candidates)).toEqual([
    ['general_assistant', 0.7914],
    ['p40-box/chat/gpu1-secondary', 0.7325],
  ]);
  const service = documented.services?.[0]?.row;
  expect(candidates[0]).toEqual({
    candidate_type: 'role',
    candidate_id: 'general_assistant',
    operation: 'chat',
    score: 0.7914,
    reasons: [
      'task text overlaps role description or policy',
      'resolved service matches role preferred model family',
      'service already has a loaded asset',
      'low observed latency',
      'good observed throughput',
      'recent benchmark sample matches requested workload or task shape',
      'benchmark results indicate strong empirical fit',
    ],
    signals: {
      task_overlap: 0.4545,
      preferred_family_match: 1,
      loaded: true,
      ...fast,
      benchmark_match_count: 1,
      best_workload_overlap: 1,
      benchmark_quality_score: 1,
    },
    role: documented.roles?.[0],
    service,
  });
  expect(candidates[1]?.role).toBeNull();
  expect(candidates[1]?.signals).not.toHaveProperty('preferred_family_match');
});

test('with the weights of v2, the documented service comes first', () => {
  const { candidates } = matchRoutes(view(documented, { profile: 'v2' }), request);
  expect(ranking(candidates)).toEqual([
    ['p40-box/chat/gpu1-secondary', 0.7099],
    ['general_assistant', 0.68],
  ]);
});

test('a role that nothing serves is a candidate with its text alone', () => {
  const roles = [role('fast', { operation: 'transcription' })];
  const { candidates } = matchRoutes(view({ roles }), matchRequest({ task: 'fast' }));
  expect(candidates).toEqual([
    {
      candidate_type: 'role',
      candidate_id: 'fast',
      operation: 'transcription',
      score: 0.3,
      reasons: [
        'task text overlaps role description or policy',
        'no healthy service currently resolves for this role',
      ],
      signals: {
        task_overlap: 1,
        preferred_family_match: 0,
        loaded: false,
        p50_latency_ms: null,
        tokens_per_sec: null,
        benchmark_match_count: 0,
        best_workload_overlap: 0,
        benchmark_quality_score: null,
      },
      role: roles[0],
      service: null,
    },
  ]);
});

test('what a service does now has its bands, each with its reason', () => {
  const reasons = (changes: ServiceChanges) => only(changes).reasons;
  expect(reasons({})).toEqual([]);
  const [low, moderate, high] = [1500, 4000, 4000.5].map((p50_latency_ms) =>
    reasons({ observed: { p50_latency_ms } }),
  );
  expect([low, moderate, high]).toEqual([
    ['low observed latency'],
    ['moderate observed latency'],
    ['high but usable latency'],
  ]);
  expect([20, 8, 7.9].map((tokens_per_sec) => reasons({ observed: { tokens_per_sec } }))).toEqual([
    ['good observed throughput'],
    ['usable observed throughput'],
    [],
  ]);
  expect(reasons({ observed: { queue_depth: 1 } })).toEqual([
    'current queue depth reduces suitability',
  ]);
  expect(reasons({ observed: { queue_depth: -1 } })).toEqual([]);
});

test('a queue costs at most 0.15, and never more than there is', () => {
  const scores = [0, 1, 5, 6].map((queue_depth) =>
    only({ assets: ['m'], observed: { queue_depth } }),
  );
  expect(scores.map(({ score }) => score)).toEqual([0.1575, 0.144, 0.09, 0.09]);
  expect(only({ observed: { queue_depth: 5 } }).score).toBe(0);
});

test('being busy costs something in v2 alone', () => {
  const services = [service('h1/chat/a', { assets: ['m'], state: { availability: 'busy' } })];
  const [v1, v2] = (['v1', 'v2'] as const).map(
    (profile) => matchRoutes(view({ services }, { profile }), matchRequest()).candidates[0],
  );
  expect([v1?.score, v2?.score]).toEqual([0.1575, 0.1125]);
  expect(v2?.reasons).toEqual([
    'service reports busy availability',
    'service already has a loaded asset',
  ]);
});

test('without words to look for, all measurements of a service count', () => {
  const benchmarks = [
    benchmark('b1', { results: { pass_rate: 0.5 } }),
    benchmark('b2', { workload: 'other', results: { pass_rate: 0.1 } }),
    benchmark('b3', { service_id: 'h9/chat/z', results: { pass_rate: 1 } }),
  ];
  const { score, reasons, signals } = only({}, benchmarks);
  expect(score).toBe(0.0788);
  expect(reasons).toEqual([
    'recent benchmark sample matches requested workload or task shape',
    'benchmark results indicate limited but relevant empirical fit',
  ]);
  expect(signals).toMatchObject({
    benchmark_match_count: 2,
    best_workload_overlap: 0,
    benchmark_quality_score: 0.5,
  });
});

test('the best overlap and the best quality may come from two measurements', () => {
  const services = [service('h1/chat/a')];
  const benchmarks = [
    benchmark('b1', { workload: 'chat.short', results: { pass_rate: 0.6 } }),
    benchmark('b2', { workload: 'chat.short_reasoning', results: { tokens_per_sec: -9 } }),
    benchmark('b3', { workload: 'unlike', results: { pass_rate: 1 } }),
    benchmark('b4', { workload: '推論' }),
  ];
  const signalsFor = (workload: string) =>
    matchRoutes(view({ services, benchmarks }), matchRequest({ workload })).candidates[0]?.signals;
  expect(signalsFor('chat.short_reasoning')).toMatchObject({
    benchmark_match_count: 2,
    best_workload_overlap: 1,
    benchmark_quality_score: 0.6,
  });
  expect(signalsFor('reasoning short thing')).toMatchObject({ best_workload_overlap: 0.6667 });
  expect(signalsFor('nothing')).toMatchObject({ benchmark_quality_score: null });
  expect(signalsFor('推論')).toMatchObject({ benchmark_match_count: 4, best_workload_overlap: 1 });
});

test('measurements that are too old do not count', () => {
  const services = [service('h1/chat/a')];
  const benchmarks = [
    benchmark('b1', { observed_at: NOW_S - 60 }),
    benchmark('b2', { observed_at: NOW_S - 60.5 }),
  ];
  const count = (benchmarkMaxAgeS: number | undefined) =>
    matchRoutes(view({ services, benchmarks }, { benchmarkMaxAgeS }), matchRequest()).candidates[0]
      ?.signals.benchmark_match_count;
  expect([count(undefined), count(60), count(1)]).toEqual([2, 1, 0]);
});

test('equal scores are in the order of roles before services, and then of ids', () => {
  const services = [
    service('h1/b'),
    service('h1/\uff5e'),
    service('h1/\u{1f600}'),
    service('h1/B'),
  ];
  const roles = [role('z', { operation: 'embeddings' }), role('y', { operation: 'embeddings' })];
  const { candidates } = matchRoutes(view({ services, roles }), matchRequest());
  expect(candidates.map(({ candidate_id }) => candidate_id)).toEqual([
    'y',
    'z',
    'h1/B',
    'h1/b',
    'h1/\uff5e',
    'h1/\u{1f600}',
  ]);
});

test('at least one candidate is shown, and as many as are asked for', () => {
  const services = ['a', 'b', 'c'].map((id) => service(`h1/${id}`));
  const count = (limit: number) =>
    matchRoutes(view({ services }), matchRequest({ limit })).candidates.length;
  expect([-3, 0, 1, 2, 50].map(count)).toEqual([1, 1, 1, 2, 3]);
});

test('a kind is asked of roles and services, a modality of roles alone', () => {
  const services = [service('h1/a'), service('h1/e', { kind: 'embeddings' })];
  const roles = [
    role('r'),
    role('hear', { modality: 'audio' }),
    role('e', { operation: 'embeddings' }),
  ];
  const idsFor = (changes: Parameters<typeof matchRequest>[0]) =>
    matchRoutes(view({ services, roles }), matchRequest(changes))
      .candidates.map(({ candidate_id }) => candidate_id)
      .sort();
  expect(idsFor({ kind: 'embeddings' })).toEqual(['e', 'h1/e']);
  expect(idsFor({ modality: 'audio' })).toEqual(['h1/a', 'h1/e', 'hear']);
  expect(idsFor({ include_direct_services: false })).toEqual(['e', 'hear', 'r']);
});

test('a service that has the name of a role is what the role is scored by', () => {
  const services = [service('r', { hostId: 'h1' }), service('h1/z', { assets: ['m'] })];
  const { candidates } = matchRoutes(view({ services, roles: [role('r')] }), matchRequest());
  const found = candidates.find(({ candidate_type }) => candidate_type === 'role');
  expect(found?.service?.service_id).toBe('r');
});

test('the texts of a request are trimmed, the single ones first, without blank ones', () => {
  const changes = { task: '  ', tasks: ['', ' x ', 'x'], workload: ' w', workloads: ['v'] };
  expect(matchRoutes(view({}), matchRequest(changes))).toMatchObject({
    task_count: 2,
    tasks: ['x', 'x'],
    workloads: ['w', 'v'],
  });
});

test('services on silent hosts are candidates where all are silent and that is allowed', () => {
  const services = [
    service('h1/a', { assets: [asset('m')] }),
    service('h2/e', { kind: 'embeddings' }),
  ];
  const hosts = [host('h1', { lastSeen: 0 }), host('h2')];
  const entries = { services, hosts, roles: [role('r')] };
  const closed = matchRoutes(view(entries), matchRequest());
  expect(ranking(closed.candidates)).toEqual([
    ['r', 0],
    ['h2/e', 0],
  ]);
  expect(closed).not.toHaveProperty('degraded');
  const open = matchRoutes(view(entries, { failOpen: true }), matchRequest());
  expect(open.degraded).toBe(true);
  expect(ranking(open.candidates)).toEqual([
    ['h1/a', 0.1575],
    ['r', 0.105],
    ['h2/e', 0],
  ]);
});
