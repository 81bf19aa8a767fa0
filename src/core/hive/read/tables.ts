import { availabilities, kinds, locatorKinds, promptPositions, targetTypes } from '../documents.ts';
import { checkReportTimes, checkServiceIds } from './checks.ts';
import {
  type Field,
  type Fields,
  type ObjectShape,
  optional,
  orNull,
  withDefault,
} from './field.ts';

const boolean = { kind: 'boolean' } as const;
const id = { kind: 'id' } as const;
const integer = { kind: 'integer' } as const;
const line = { kind: 'line' } as const;
const map = withDefault({ kind: 'map' }, {});
const number = { kind: 'number' } as const;
const text = { kind: 'text' } as const;
const time = { kind: 'time' } as const;
const operation = { kind: 'choice', values: kinds } as const;
const texts = listOf(text);

function listOf(of: Field): Field {
  return { kind: 'list', of, default: [] };
}

function object(fields: Fields, more: Omit<ObjectShape, 'kind' | 'fields'> = {}): ObjectShape {
  return { kind: 'object', fields, ...more };
}

/** An object that need not be there: its own defaults stand for it. */
function part(fields: Fields, more: Omit<ObjectShape, 'kind' | 'fields'> = {}): Field {
  return withDefault(object(fields, more), {});
}

const requestPolicy: Fields = {
  body_defaults: map,
  system_prompt: orNull(text),
  system_prompt_position: withDefault({ kind: 'choice', values: promptPositions }, 'prepend'),
};

const serviceAsset: Fields = {
  asset_id: id,
  loaded: withDefault(boolean, false),
  request_policy: part(requestPolicy),
  context_size: orNull(integer),
  max_context_tokens: orNull(integer),
};

const service = object({
  service_id: id,
  // Nobody reads it: a service belongs to the host that registers it.
  host_id: line,
  kind: operation,
  protocol: withDefault(text, 'openai'),
  endpoint: { kind: 'endpoint' },
  runtime: part({ engine: orNull(text), launcher: orNull(text) }, { isOpen: true }),
  assets: listOf(object(serviceAsset)),
  state: part({
    health: orNull(text),
    load_state: orNull(text),
    accept_requests: withDefault(boolean, true),
    availability: withDefault({ kind: 'choice', values: availabilities }, 'available'),
  }),
  observed: part({
    p50_latency_ms: orNull(number),
    p95_latency_ms: orNull(number),
    tokens_per_sec: orNull(number),
    queue_depth: orNull(integer),
    in_flight: orNull(integer),
    max_context_tokens: orNull(integer),
  }),
});

const services = { kind: 'list', of: service, check: checkServiceIds } as const;

const hostStatus = part({
  state: withDefault(text, 'online'),
  // The clock of the registry counts.
  last_seen: { ...orNull(time), isDropped: true },
});

const host = object({
  host_id: id,
  display_name: orNull(text),
  address: line,
  labels: withDefault({ kind: 'texts-by-name' }, {}),
  capabilities: map,
  resources: map,
  auth: part({ node_key_id: orNull(line) }),
  status: hostStatus,
  metrics: map,
  services: withDefault(services, []),
});

const heartbeat = object({
  host_id: id,
  status: hostStatus,
  metrics: map,
  services: optional(services),
});

const asset = object({
  asset_id: id,
  family: orNull(text),
  modality: withDefault(text, 'text'),
  operation,
  format: orNull(text),
  locator: object({ kind: { kind: 'choice', values: locatorKinds }, value: line }),
  metadata: map,
});

const role = object({
  role_id: id,
  display_name: orNull(text),
  description: orNull(text),
  operation,
  modality: text,
  prompt_policy: part({
    system_prompt: orNull(text),
    user_template: orNull({ kind: 'template' }),
    request_policy: part(requestPolicy),
  }),
  routing_policy: part({
    preferred_families: texts,
    preferred_labels: texts,
    min_context: orNull(integer),
    require_loaded: withDefault(boolean, false),
    fallback_roles: texts,
  }),
});

const healthSample = object({
  sample_id: id,
  target_type: withDefault({ kind: 'choice', values: targetTypes }, 'service'),
  target_id: id,
  observed_at: time,
  status: text,
  checks: map,
  metrics: map,
});

const benchmarkSample = object({
  benchmark_id: id,
  service_id: id,
  asset_id: orNull(line),
  workload: text,
  observed_at: time,
  results: map,
});

const reportSample: Fields = {
  service_id: id,
  asset_id: orNull(line),
  workload: text,
  observed_at: orNull(time),
  benchmark_id: orNull(line),
  results: map,
};

const benchmarkReport = object(
  {
    report_id: orNull(line),
    observed_at: orNull(time),
    source: orNull({ kind: 'json' }),
    samples: listOf(object(reportSample)),
  },
  { check: checkReportTimes },
);

const matchRequest = object({
  task: orNull(text),
  tasks: texts,
  workload: orNull(text),
  workloads: texts,
  kind: orNull(operation),
  modality: orNull(text),
  include_direct_services: withDefault(boolean, true),
  limit: withDefault(integer, 10),
});

const matchCandidate = object({
  candidate_type: { kind: 'choice', values: ['role', 'service'] },
  candidate_id: id,
  operation,
  score: number,
  reasons: texts,
  signals: part({
    task_overlap: withDefault(number, 0),
    preferred_family_match: optional(number),
    loaded: withDefault(boolean, false),
    p50_latency_ms: orNull(number),
    tokens_per_sec: orNull(number),
    queue_depth: optional({ ...integer, isNullable: true }),
    benchmark_match_count: withDefault(integer, 0),
    best_workload_overlap: withDefault(number, 0),
    benchmark_quality_score: orNull(number),
  }),
  // What is known of each is repeated, and may be no more than its id.
  role: orNull(object({ role_id: id }, { isOpen: true })),
  service: orNull(object({ service_id: id }, { isOpen: true })),
});

/** Every document that the registry reads, by the key that wraps it in a file. */
export const tables = {
  host,
  service,
  heartbeat,
  asset,
  role,
  request_shape_policy: object(requestPolicy),
  health_sample: healthSample,
  benchmark_sample: benchmarkSample,
  route_match_request: matchRequest,
  route_match_candidate: matchCandidate,
  benchmark_ingest_request: object({ samples: listOf(benchmarkSample) }),
  benchmark_report: benchmarkReport,
} as const satisfies Readonly<Record<string, ObjectShape>>;
