import type {
  Catalogue,
  RegisteredService,
  RoutingOptions,
} from '../../../src/core/hive/catalogue.ts';
import type {
  AssetDocument,
  BenchmarkSample,
  HealthSample,
  HostRow,
  JsonMap,
  Kind,
  MatchRequest,
  RequestPolicy,
  RoleRow,
  ServiceAsset,
  ServiceRow,
} from '../../../src/core/hive/documents.ts';
import type { RoutingView } from '../../../src/core/hive/routing/view.ts';

export const NOW_S = 1_775_583_000;

const noPolicy: RequestPolicy = {
  body_defaults: {},
  system_prompt: null,
  system_prompt_position: 'prepend',
};

export const options: RoutingOptions = {
  healthStaleAfterS: 30,
  defaultStrategy: 'scored',
  profile: 'v1',
  failOpen: false,
  benchmarkMaxAgeS: undefined,
};

export function host(
  host_id: string,
  {
    lastSeen = NOW_S,
    state = 'online',
    labels = {},
  }: {
    readonly lastSeen?: number;
    readonly state?: string;
    readonly labels?: Readonly<Record<string, string>>;
  } = {},
): HostRow {
  return {
    host_id,
    display_name: null,
    address: '192.0.2.1',
    labels,
    capabilities: {},
    resources: {},
    auth: { node_key_id: null },
    status: { state, last_seen: lastSeen },
    metrics: {},
  };
}

export function asset(asset_id: string, changes: Partial<ServiceAsset> = {}): ServiceAsset {
  const request_policy = noPolicy;
  const base = { asset_id, loaded: true, request_policy, context_size: null };
  return { ...base, max_context_tokens: null, ...changes };
}

export type ServiceChanges = {
  readonly hostId?: string;
  readonly kind?: Kind;
  readonly assets?: readonly (ServiceAsset | string)[];
  readonly runtime?: JsonMap;
  readonly state?: Partial<ServiceRow['state']>;
  readonly observed?: Partial<ServiceRow['observed']>;
  readonly sample?: Partial<HealthSample>;
};

export function service(service_id: string, changes: ServiceChanges = {}): RegisteredService {
  const { hostId = service_id.split('/')[0] ?? '', kind = 'chat', assets = [], sample } = changes;
  const row: ServiceRow = {
    service_id,
    host_id: hostId,
    kind,
    protocol: 'openai',
    endpoint: 'http://192.0.2.1:8000',
    runtime: { engine: null, launcher: null, ...changes.runtime },
    assets: assets.map((one) => (typeof one === 'string' ? asset(one) : one)),
    state: {
      health: 'healthy',
      load_state: null,
      accept_requests: true,
      availability: 'available',
      ...changes.state,
    },
    observed: {
      p50_latency_ms: null,
      p95_latency_ms: null,
      tokens_per_sec: null,
      queue_depth: null,
      in_flight: null,
      max_context_tokens: null,
      ...changes.observed,
    },
    updated_at: NOW_S,
  };
  const seen = sample === undefined ? undefined : healthSample(service_id, sample);
  return { row, created_at: NOW_S - 100.5, sample: seen };
}

function healthSample(target_id: string, changes: Partial<HealthSample>): HealthSample {
  return {
    sample_id: `hs-${target_id}`,
    target_type: 'service',
    target_id,
    observed_at: NOW_S,
    status: 'healthy',
    checks: {},
    metrics: {},
    ...changes,
  };
}

export type RoleChanges = Partial<
  Pick<RoleRow, 'display_name' | 'description' | 'operation' | 'modality'>
> & {
  readonly system_prompt?: string | null;
  readonly routing?: Partial<RoleRow['routing_policy']>;
};

export function role(role_id: string, changes: RoleChanges = {}): RoleRow {
  const { system_prompt = null, routing, ...rest } = changes;
  return {
    role_id,
    display_name: null,
    description: null,
    operation: 'chat',
    modality: 'text',
    prompt_policy: { system_prompt, user_template: null, request_policy: noPolicy },
    routing_policy: {
      preferred_families: [],
      preferred_labels: [],
      min_context: null,
      require_loaded: false,
      fallback_roles: [],
      ...routing,
    },
    updated_at: NOW_S - 200.5,
    ...rest,
  };
}

export function assetDocument(
  asset_id: string,
  changes: Partial<AssetDocument> = {},
): AssetDocument {
  return {
    asset_id,
    family: null,
    modality: 'text',
    operation: 'chat',
    format: null,
    locator: { kind: 'path', value: `/models/${asset_id}` },
    metadata: {},
    ...changes,
  };
}

export function benchmark(
  benchmark_id: string,
  changes: Partial<BenchmarkSample> = {},
): BenchmarkSample {
  const service_id = 'h1/chat/a';
  const rest = { workload: 'chat.short_reasoning', observed_at: NOW_S, results: {} };
  return { benchmark_id, service_id, asset_id: null, ...rest, ...changes };
}

export type Entries = {
  /** Those of the services are online where none are given. */
  readonly hosts?: readonly HostRow[];
  readonly services?: readonly RegisteredService[];
  readonly assets?: readonly AssetDocument[];
  readonly roles?: readonly RoleRow[];
  readonly benchmarks?: readonly BenchmarkSample[];
};

export function catalogue(entries: Entries): Catalogue {
  const { services = [], assets = [], roles = [], benchmarks = [] } = entries;
  const hosts = entries.hosts ?? services.map(({ row }) => host(row.host_id));
  return {
    hosts: new Map(hosts.map((one) => [one.host_id, one])),
    services: new Map(services.map((one) => [one.row.service_id, one])),
    assets: new Map(assets.map((one) => [one.asset_id, one])),
    roles: new Map(roles.map((one) => [one.role_id, one])),
    benchmarks: new Map(benchmarks.map((one) => [one.benchmark_id, one])),
  };
}

export function view(entries: Entries, changes: Partial<RoutingOptions> = {}): RoutingView {
  return { catalogue: catalogue(entries), nowS: NOW_S, options: { ...options, ...changes } };
}

export function matchRequest(changes: Partial<MatchRequest> = {}): MatchRequest {
  return {
    task: null,
    tasks: [],
    workload: null,
    workloads: [],
    kind: null,
    modality: null,
    include_direct_services: true,
    limit: 10,
    ...changes,
  };
}
