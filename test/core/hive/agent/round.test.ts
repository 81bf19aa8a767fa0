import { expect, test } from 'vitest';
import { conditionOf } from '../../../../src/core/hive/agent/condition.ts';
import { listedModels } from '../../../../src/core/hive/agent/listed-models.ts';
import type { Reading, Reply } from '../../../../src/core/hive/agent/reading.ts';
import { type Memory, roundOf } from '../../../../src/core/hive/agent/round.ts';
import { healthSample, serviceDocument } from '../../../support/hive-samples.ts';

const nobody: Reply = { kind: 'none', why: 'connect ECONNREFUSED 10.0.0.1:8080' };

function answer(status: number, body: unknown = ''): Reply {
  return {
    kind: 'answer',
    status,
    text: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

function readingOf(given: Partial<Reading>): Reading {
  return {
    ...{ sampleId: 'x', observedAt: 100, health: answer(200), models: answer(200, { data: [] }) },
    metrics: answer(501),
    ...given,
  };
}

const coder = serviceDocument({ service_id: 'h1/chat/coder', assets: [{ asset_id: 'm' }] });
const id = coder.service_id;

function round(given: Partial<Reading>, before: Memory = new Map(), service = coder) {
  return roundOf([service], new Map([[id, readingOf(given)]]), before);
}

const llama = (tokens: number, rate: number) =>
  answer(
    200,
    [
      'llamacpp:requests_processing 2',
      'llamacpp:requests_deferred 1',
      `llamacpp:predicted_tokens_seconds ${rate}`,
      `llamacpp:tokens_predicted_total ${tokens}`,
    ].join('\n'),
  );

test('a service that answers is healthy and has its model loaded', () => {
  const models = answer(200, { data: [{ id: 'other', aliases: ['m'], meta: { n_ctx: 4096 } }] });
  const { services, samples, said } = round({ models, metrics: llama(900, 41.5) });
  expect(services).toEqual([
    {
      ...coder,
      assets: [{ ...coder.assets[0], loaded: true, max_context_tokens: 4096 }],
      state: { ...coder.state, health: 'healthy', load_state: 'loaded' },
      observed: { ...coder.observed, tokens_per_sec: 41.5, queue_depth: 1, in_flight: 2 },
    },
  ]);
  expect(samples).toEqual([
    {
      ...{ sample_id: 'x', target_type: 'service', target_id: id, observed_at: 100 },
      ...{ status: 'healthy', checks: { http_ok: true, models_ok: true, auth_ok: true } },
      metrics: { queue_depth: 1, in_flight: 2, tokens_per_sec: 41.5 },
    },
  ]);
  expect(said).toEqual([`${id}: healthy`]);
});

test('a service that does not answer is unhealthy and has nothing loaded', () => {
  const { services, samples } = round({ health: nobody, models: nobody, metrics: nobody });
  expect(services).toMatchObject([
    { state: { health: 'unhealthy', load_state: null }, assets: [{ loaded: false }] },
  ]);
  expect(samples).toMatchObject([{ status: 'unhealthy', metrics: {} }]);
});

test('a server that loads its model says so', () => {
  const health = answer(503, { error: { code: 503, message: 'Loading model' } });
  const { services, said } = round({ health });
  expect(services).toMatchObject([{ state: { health: 'unhealthy', load_state: 'loading' } }]);
  expect(said).toEqual([`${id}: unhealthy: it loads its model`]);
});

test('a server that loads models when they are asked for has the others unloaded', () => {
  const service = { ...coder, assets: ['m', 'n', 'o'].flatMap((one) => assetsNamed(one)) };
  const data = [
    { id: 'm', status: { value: 'loaded' } },
    { id: 'n', status: { value: 'unloaded' } },
  ];
  const { services } = round({ models: answer(200, { data }) }, new Map(), service);
  expect(services[0]?.assets.map(({ loaded }) => loaded)).toEqual([true, false, true]);
});

function assetsNamed(asset_id: string) {
  return coder.assets.map((asset) => ({ ...asset, asset_id }));
}

test('a line is said when something changes, and not again', () => {
  const first = round({});
  const same = round({}, first.memory);
  const down = round({ health: nobody }, same.memory);
  const still = round({ health: nobody }, down.memory);
  const other = round({ health: answer(500) }, still.memory);
  const back = round({}, other.memory);
  expect([first, same, down, still, other, back].map(({ said }) => said)).toEqual([
    [`${id}: healthy`],
    [],
    [`${id}: unhealthy: /health: connect ECONNREFUSED 10.0.0.1:8080`],
    [],
    [`${id}: unhealthy: /health answers 500`],
    [`${id}: healthy`],
  ]);
});

test('the rate of an engine that only counts comes from two rounds, and the last one stays', () => {
  const rates = (...rounds: readonly Partial<Reading>[]) => {
    let memory: Memory = new Map();
    return rounds.map((given) => {
      const next = round(given, memory);
      memory = next.memory;
      return next.services[0]?.observed.tokens_per_sec;
    });
  };
  expect(
    rates(
      { observedAt: 100, metrics: llama(100, 0) },
      { observedAt: 104, metrics: llama(180, 0) },
      { observedAt: 108, metrics: llama(180, 0) },
      { observedAt: 112, metrics: nobody, health: nobody },
      { observedAt: 116, metrics: llama(10, 0) },
      { observedAt: 120, metrics: llama(30, 7.5) },
    ),
  ).toEqual([null, 20, 20, 20, 20, 7.5]);
});

test('a sample has the rate that was measured, and none that is older', () => {
  const first = round({ metrics: llama(100, 5) });
  const second = round({ observedAt: 105, metrics: llama(100, 0) }, first.memory);
  expect(second.samples[0]?.metrics['tokens_per_sec']).toBeNull();
  expect(second.services[0]?.observed.tokens_per_sec).toBe(5);
});

test('a service without a reading is not reported, and is forgotten', () => {
  const { memory } = round({});
  expect(roundOf([coder], new Map(), memory)).toEqual({
    ...{ services: [], samples: [], said: [] },
    memory: new Map(),
  });
});

test.each<readonly [string, 'healthy' | 'unhealthy', Partial<Reading>]>([
  ['healthy', 'healthy', { models: nobody }],
  ['healthy', 'healthy', { models: answer(500) }],
  ['healthy, but /v1/models answers 401', 'healthy', { models: answer(401) }],
  ['healthy, but /v1/models answers 403', 'healthy', { models: answer(403) }],
  ['unhealthy: /health answers 503', 'unhealthy', { health: answer(503, 'busy') }],
  [
    'unhealthy: /health answers 404, /v1/models answers 500',
    'unhealthy',
    { health: answer(404), models: answer(500) },
  ],
  [
    'unhealthy: /health answers 405, /v1/models: a\\nb',
    'unhealthy',
    { health: answer(405), models: { kind: 'none', why: 'a\nb' } },
  ],
])('a service is said to be: %s', (condition, status, given) => {
  expect(conditionOf(healthSample({ status }), readingOf(given))).toBe(condition);
});

test.each<readonly [unknown, ReturnType<typeof listedModels>]>([
  [
    { data: [{ id: 'a', max_model_len: 8192, meta: { n_ctx: 5 } }] },
    [{ names: ['a'], isLoaded: undefined, context: 8192 }],
  ],
  [
    { data: [{ id: 'a', aliases: ['b', 5], meta: { n_ctx: 0 }, status: 'x' }] },
    [{ names: ['a', 'b'], isLoaded: undefined, context: undefined }],
  ],
  [
    { data: [{ status: { value: 'sleeping' }, meta: { n_ctx: 1.5 } }, 5] },
    [{ names: [], isLoaded: false, context: undefined }],
  ],
  [{ data: 5 }, []],
  [[], []],
  ['no JSON', []],
])('of %j these models are known', (body, models) => {
  expect(listedModels(typeof body === 'string' ? body : JSON.stringify(body))).toEqual(models);
});
