import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type DocumentType,
  documentTypes,
  readDocument,
  unwrapped,
  wrapperOf,
} from '../../../../src/core/hive/read/read-document.ts';
import { leastDocument, wholeDocument } from '../../../support/hive-documents.ts';

/** What is wrong with it, each as its type and its place. */
function problems(type: DocumentType, value: unknown): readonly string[] {
  const read = readDocument(type, value);
  return read.ok ? [] : read.problems.map((one) => `${one.type} ${one.loc.join('.')}`);
}

function documentOf<Type extends DocumentType>(type: Type, value: unknown) {
  const read = readDocument(type, value);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

const service = { service_id: 's', host_id: 'h', kind: 'chat', endpoint: 'http://h:1/' };
const sample = { benchmark_id: 'b', service_id: 's', workload: 'w', observed_at: 1 };

test('a host gets all its defaults, nulls included', () => {
  expect(documentOf('host', { host_id: 'h', address: 'a' })).toEqual({
    ...{ host_id: 'h', display_name: null, address: 'a', labels: {}, capabilities: {} },
    ...{ resources: {}, auth: { node_key_id: null }, status: { state: 'online' }, metrics: {} },
    services: [],
  });
});

test('a service gets all its defaults, and its endpoint ends without a slash', () => {
  expect(documentOf('service', { ...service, assets: [{ asset_id: 'a' }] })).toEqual({
    ...{ ...service, endpoint: 'http://h:1', protocol: 'openai' },
    runtime: { engine: null, launcher: null },
    assets: [
      {
        ...{ asset_id: 'a', loaded: false, context_size: null, max_context_tokens: null },
        request_policy: {
          ...{ body_defaults: {}, system_prompt: null },
          system_prompt_position: 'prepend',
        },
      },
    ],
    state: { health: null, load_state: null, accept_requests: true, availability: 'available' },
    observed: {
      ...{ p50_latency_ms: null, p95_latency_ms: null, tokens_per_sec: null },
      ...{ queue_depth: null, in_flight: null, max_context_tokens: null },
    },
  });
});

test('an empty request for candidates is one with its defaults', () => {
  expect(documentOf('route_match_request', {})).toEqual({
    ...{ task: null, tasks: [], workload: null, workloads: [], kind: null, modality: null },
    ...{ include_direct_services: true, limit: 10 },
  });
});

test.each(documentTypes)('%s: what was read reads the same again', (type) => {
  for (const document of [wholeDocument(type), leastDocument(type)]) {
    const first = documentOf(type, document);
    expect(documentOf(type, first)).toEqual(first);
  }
});

test.each(documentTypes)(
  '%s: each required key that is missing is told, with its place',
  (type) => {
    const keys = Object.keys(leastDocument(type));
    expect(problems(type, {})).toEqual(keys.map((key) => `missing ${key}`));
  },
);

test('a heartbeat without services leaves them, and one with none takes them away', () => {
  expect(documentOf('heartbeat', { host_id: 'h' }).services).toBeUndefined();
  expect(documentOf('heartbeat', { host_id: 'h', services: [] }).services).toEqual([]);
});

test('keys that nobody knows are kept where an author may choose them, and left out elsewhere', () => {
  const runtime = { engine: 'vllm', context_size: 4096 };
  const read = documentOf('service', { ...service, runtime, state: { x: 1 }, x: 1 });
  expect(read.runtime).toEqual({ engine: 'vllm', launcher: null, context_size: 4096 });
  expect(read.state).not.toHaveProperty('x');
  expect(read).not.toHaveProperty('x');
});

test('numbers and truths may be texts, and come out as what they are', () => {
  const observed = { p50_latency_ms: '12.5', queue_depth: '2.0', in_flight: 3.0 };
  const state = { accept_requests: 'No' };
  const assets = [
    { asset_id: 'a', loaded: 'yes' },
    { asset_id: 'b', loaded: 0 },
  ];
  const read = documentOf('service', { ...service, observed, state, assets });
  expect(read.observed).toMatchObject({ p50_latency_ms: 12.5, queue_depth: 2, in_flight: 3 });
  expect(read.state.accept_requests).toBe(false);
  expect(read.assets.map(({ loaded }) => loaded)).toEqual([true, false]);
});

test.each([
  [{ p50_latency_ms: 'fast' }, 'float_parsing observed.p50_latency_ms'],
  [{ p50_latency_ms: [] }, 'float_type observed.p50_latency_ms'],
  [{ p50_latency_ms: '1e400' }, 'finite_number observed.p50_latency_ms'],
  [{ queue_depth: 1.5 }, 'int_from_float observed.queue_depth'],
  [{ queue_depth: '1.5' }, 'int_parsing observed.queue_depth'],
  [{ queue_depth: {} }, 'int_type observed.queue_depth'],
  [{ queue_depth: 1e20 }, 'int_parsing_size observed.queue_depth'],
  [{ queue_depth: Number.POSITIVE_INFINITY }, 'finite_number observed.queue_depth'],
])('what is no number is told as such: %j', (observed, told) => {
  expect(problems('service', { ...service, observed })).toEqual([told]);
});

test.each([
  [{ accept_requests: 'maybe' }, 'bool_parsing state.accept_requests'],
  [{ accept_requests: 2 }, 'bool_parsing state.accept_requests'],
  [{ accept_requests: null }, 'bool_type state.accept_requests'],
  [{ health: 1 }, 'string_type state.health'],
  [{ availability: 'away' }, 'literal_error state.availability'],
])('what is no value of a state is told as such: %j', (state, told) => {
  expect(problems('service', { ...service, state })).toEqual([told]);
});

test('a value that is none of a choice is told with all of them', () => {
  const read = readDocument('route_match_request', { kind: 'image' });
  expect(read.ok ? [] : read.problems).toEqual([
    {
      ...{ type: 'literal_error', loc: ['kind'], input: 'image' },
      msg: "Input should be 'chat', 'embeddings' or 'transcription'",
    },
  ]);
});

test.each([
  [{ labels: { n: 1 } }, 'string_type labels.n'],
  [{ labels: null }, 'dict_type labels'],
  [{ status: [] }, 'dict_type status'],
  [{ services: {} }, 'list_type services'],
  [{ services: [null] }, 'dict_type services.0'],
  [{ host_id: '' }, 'string_too_short host_id'],
  [{ host_id: 'a\nb' }, 'value_error host_id'],
  [{ address: 'a\0b' }, 'value_error address'],
  [{ display_name: '\ud800' }, 'value_error display_name'],
  [{ metrics: { load: Number.NaN } }, 'finite_number metrics.load'],
  [{ metrics: { list: [{ deep: '\0' }] } }, 'value_error metrics.list.0.deep'],
  [{ metrics: { 'a\0': 1 } }, 'value_error metrics.a\0'],
  [{ metrics: { date: () => 0 } }, 'dict_type metrics.date'],
  [{ status: { last_seen: 'noon' } }, 'datetime_parsing status.last_seen'],
])('what is wrong with a host is told with its place: %j', (more, told) => {
  expect(problems('host', { host_id: 'h', address: 'a', ...more })).toEqual([told]);
});

test('everything that is wrong is told at once, in the order of the fields', () => {
  const services = [service, { ...service, service_id: 't', kind: 'image', endpoint: 'x' }];
  expect(problems('host', { services, labels: 1 })).toEqual([
    ...['missing host_id', 'missing address', 'dict_type labels'],
    ...['literal_error services.1.kind', 'value_error services.1.endpoint'],
  ]);
});

test('a service that one registration has twice is told at the second', () => {
  const twice = { services: [service, { ...service, service_id: 't' }, service] };
  expect(problems('host', { host_id: 'h', address: 'a', ...twice })).toEqual([
    'value_error services.2.service_id',
  ]);
  expect(problems('heartbeat', { host_id: 'h', ...twice })).toEqual([
    'value_error services.2.service_id',
  ]);
});

test('a template without a place for what the user says is told', () => {
  const role = { role_id: 'r', operation: 'chat', modality: 'text' };
  const withTemplate = (text: string) => ({ ...role, prompt_policy: { user_template: text } });
  expect(problems('role', withTemplate('Say it'))).toEqual([
    'value_error prompt_policy.user_template',
  ]);
  expect(problems('role', withTemplate('Say {{user_input  }}'))).toEqual([]);
});

test('a sample of a report has a time, or its report has one', () => {
  const samples = [{ service_id: 's', workload: 'w' }];
  const read = readDocument('benchmark_report', { samples });
  expect(read.ok ? [] : read.problems.map(({ msg }) => msg)).toEqual([
    'Benchmark report sample is missing observed_at and report has no default observed_at.',
  ]);
  expect(problems('benchmark_report', { observed_at: 1, samples })).toEqual([]);
  expect(problems('benchmark_report', { samples: 1 })).toEqual(['list_type samples']);
});

test('times come out as seconds since 1970', () => {
  const times = [1775402700, '1775402700.5', '2026-04-05T15:25:00Z'];
  const samples = times.map((observed_at) => ({ ...sample, observed_at }));
  const read = documentOf('benchmark_ingest_request', { samples });
  expect(read.samples.map((one) => one.observed_at)).toEqual([
    1775402700, 1775402700.5, 1775402700,
  ]);
});

test('a document in its wrapper key is refused with a hint, and can be taken out', () => {
  const wrapped = { host: { host_id: 'h', address: 'a' } };
  const read = readDocument('host', wrapped);
  expect(read.ok ? [] : read.problems).toEqual([
    {
      ...{ type: 'value_error', loc: ['host'], input: wrapped },
      msg: 'Input should be bare: send what is below `host`, without that key',
    },
  ]);
  expect(problems('host', unwrapped(wrapped, 'host'))).toEqual([]);
  expect(problems('route_match_request', { benchmark_report: {} })).toEqual([
    'value_error benchmark_report',
  ]);
  expect(unwrapped(wrapped, 'service')).toBe(wrapped);
  expect(wrapperOf({ host: [] })).toBeUndefined();
  expect(wrapperOf({ host: {}, role: {} })).toBeUndefined();
});

test('what is too deep is refused, however deep it is, also where nobody reads it', () => {
  const deep = (levels: number, isList: boolean): unknown =>
    Array.from({ length: levels }).reduce((inner) => (isList ? [inner] : { a: inner }), 1);
  const host = { host_id: 'h', address: 'a' };
  expect(problems('host', { ...host, metrics: deep(64, false) })).toEqual([]);
  expect(problems('host', { ...host, metrics: deep(65, false) })).toHaveLength(1);
  expect(problems('host', { ...host, unknown: deep(200_000, true) })).toHaveLength(1);
  expect(problems('host', { host: deep(200_000, false) })).toHaveLength(1);
});

test('a long list is read, and of all that is wrong with it the first hundred are told', () => {
  const numbers = Array.from({ length: 300_000 }, (_, index) => index);
  const host = { host_id: 'h', address: 'a' };
  expect(documentOf('host', { ...host, metrics: { numbers } }).metrics['numbers']).toEqual(numbers);
  expect(problems('host', { ...host, services: numbers })).toHaveLength(100);
});

test('a key that would change all objects changes none and is left out', () => {
  const text = '{"host_id":"h","address":"a","metrics":{"__proto__":{"bad":1},"constructor":2}}';
  const { metrics } = documentOf('host', JSON.parse(text));
  expect(Object.entries(metrics)).toEqual([['constructor', 2]]);
  expect(Object.getPrototypeOf(metrics)).toBe(Object.prototype);
  expect(problems('host', JSON.parse('{"__proto__":{"host_id":"h","address":"a"}}'))).toEqual([
    ...['missing host_id', 'missing address'],
  ]);
});

test('whatever is sent is read or refused, and two readings share nothing', () => {
  fc.assert(
    fc.property(fc.constantFrom(...documentTypes), fc.anything(), (type, value) => {
      expect(typeof readDocument(type, value).ok).toBe('boolean');
    }),
  );
  const document = { body_defaults: { a: { b: [1] } } };
  const first = documentOf('request_shape_policy', document).body_defaults;
  expect(first).toEqual(document.body_defaults);
  expect(first['a']).not.toBe(document.body_defaults.a);
  expect(documentOf('host', { host_id: 'h', address: 'a' }).labels).not.toBe(
    documentOf('host', { host_id: 'h', address: 'a' }).labels,
  );
});

const CASES = '../shared/data/geniehive-cases.json';

const bodies: Readonly<Record<string, DocumentType>> = {
  '/v1/nodes/register': 'host',
  '/v1/nodes/heartbeat': 'heartbeat',
  '/v1/cluster/benchmarks': 'benchmark_ingest_request',
  '/v1/cluster/routes/match': 'route_match_request',
};

type Answer = { readonly status?: number; readonly body?: { readonly detail?: unknown } };
type Step = {
  readonly path?: string;
  readonly json?: unknown;
  readonly expect?: Answer;
  readonly differs?: { readonly status: number; readonly want: string };
};

type Recorded = { readonly scenarios: readonly { readonly steps: readonly Step[] }[] };

function recordedSteps(): readonly Step[] {
  const text = readFileSync(CASES, 'utf8').replaceAll('$UP', 'http://127.0.0.1:1');
  const { scenarios }: Recorded = JSON.parse(text);
  return scenarios.flatMap(({ steps }) => steps);
}

/** What is wrong with the body of a step, as places in the body; undefined for what is no document. */
function placesOf({ path = '', json }: Step): readonly unknown[] | undefined {
  const type = bodies[path];
  if (type === undefined || json === undefined) return undefined;
  const read = readDocument(type, json);
  return read.ok ? [] : read.problems.map(({ loc }) => ({ loc: ['body', ...loc] }));
}

test.skipIf(!existsSync(CASES))(
  'bodies of the recorded cases, where there are any, are read or refused as recorded',
  () => {
    for (const step of recordedSteps()) {
      const places = placesOf(step);
      if (places === undefined) continue;
      const { json, expect: answer, differs } = step;
      const isRefused = (differs?.status ?? answer?.status) === 422;
      expect([json, places.length > 0]).toEqual([json, isRefused]);
      if (isRefused && differs === undefined) expect(answer?.body?.detail).toMatchObject(places);
    }
  },
);
