import type { Catalogue, RegisteredService } from '../../src/core/hive/catalogue.ts';
import type { HostRow, RoleRow, ServiceRow } from '../../src/core/hive/documents.ts';
import {
  type PageView,
  pageViewOf,
  type RoleTarget,
  type RouterKnowledge,
} from '../../src/core/hive/page/page-view.ts';

export const nowS = 1_795_800_000;

const noPolicy = {
  body_defaults: {},
  system_prompt: null,
  system_prompt_position: 'prepend',
} as const;

/** A host that was seen two seconds ago. */
export function hostRow(host_id: string, more: Partial<HostRow> = {}): HostRow {
  return {
    host_id,
    display_name: null,
    address: '192.0.2.1',
    labels: {},
    capabilities: {},
    resources: {},
    auth: { node_key_id: null },
    status: { state: 'online', last_seen: nowS - 2 },
    metrics: {},
    ...more,
  };
}

type ServiceChange = {
  readonly host?: string;
  readonly engine?: string | null;
  readonly assets?: readonly (readonly [string, boolean])[];
  readonly state?: Partial<ServiceRow['state']>;
  readonly observed?: Partial<ServiceRow['observed']>;
};

/** A healthy service. */
export function registered(service_id: string, change: ServiceChange = {}): RegisteredService {
  const { host = 'atlas', engine = 'vllm', assets = [['qwen3-8b', true]] } = change;
  return {
    created_at: nowS - 900,
    sample: undefined,
    row: {
      ...{ service_id, host_id: host, kind: 'chat', protocol: 'openai' },
      endpoint: 'http://192.0.2.1:8000',
      runtime: { engine, launcher: null },
      assets: assets.map(([asset_id, loaded]) => ({
        ...{ asset_id, loaded, request_policy: noPolicy },
        ...{ context_size: null, max_context_tokens: null },
      })),
      state: {
        ...{
          health: 'healthy',
          load_state: null,
          accept_requests: true,
          availability: 'available',
        },
        ...change.state,
      },
      observed: {
        ...{ p50_latency_ms: null, p95_latency_ms: null, tokens_per_sec: null },
        ...{ queue_depth: null, in_flight: null, max_context_tokens: null },
        ...change.observed,
      },
      updated_at: nowS - 2,
    },
  };
}

export function roleRow(role_id: string, display_name: string | null = null): RoleRow {
  return {
    ...{ role_id, display_name, description: null, operation: 'chat', modality: 'text' },
    prompt_policy: { system_prompt: null, user_template: null, request_policy: noPolicy },
    routing_policy: {
      ...{ preferred_families: [], preferred_labels: [], min_context: null },
      ...{ require_loaded: false, fallback_roles: [] },
    },
    updated_at: nowS,
  };
}

export function catalogueOf(
  hosts: readonly HostRow[],
  services: readonly RegisteredService[] = [],
  roles: readonly RoleRow[] = [],
): Catalogue {
  return {
    hosts: new Map(hosts.map((it) => [it.host_id, it])),
    services: new Map(services.map((it) => [it.row.service_id, it])),
    assets: new Map(),
    roles: new Map(roles.map((it) => [it.role_id, it])),
    benchmarks: new Map(),
  };
}

/** A router that finds what is declared to be so, and that has routed nothing. */
export function knowledge(more: Partial<RouterKnowledge> = {}): RouterKnowledge {
  return {
    nowS,
    startedAtS: nowS - 7300,
    version: '0.1.0',
    healthStaleAfterS: 30,
    healthOf: ({ row }) => ({ health: row.state.health, source: 'declared', sinceS: undefined }),
    obstacleOf: ({ row }) => (row.state.health === 'healthy' ? undefined : 'not healthy'),
    targetOf: (): RoleTarget => ({ reason: 'no service of its kind' }),
    countsOf: () => ({ routed: 0, errors: 0 }),
    recent: [],
    ...more,
  };
}

/** A cluster in which most things work. */
export function busyView(more: Partial<RouterKnowledge> = {}): PageView {
  return pageViewOf(busyCatalogue(), { ...busyKnowledge(), ...more });
}

function busyCatalogue(): Catalogue {
  const gpus = [
    { gpu_id: '0000:41:00.0', name: 'RTX 4090', vram_gb: 24 },
    { gpu_id: '0000:42:00.0', name: 'RTX 4090', vram_gb: 24 },
  ];
  const fast = { p50_latency_ms: 920, p95_latency_ms: 1900, tokens_per_sec: 42.31 };
  return catalogueOf(
    [
      hostRow('atlas-01', {
        ...{ display_name: 'Atlas GPU box', address: '192.168.1.101', resources: { gpus } },
        metrics: { gpu_used_percent: 87, load1: 3.42, mem_used_gb: 18.4 },
      }),
      hostRow('boreas-02', {
        ...{
          address: 'boreas.lan',
          resources: { gpus: [{ gpu_id: 'cuda:0', name: 'H100', vram_gb: 80 }] },
        },
        status: { state: 'online', last_seen: nowS - 251 },
      }),
      hostRow('p40-box', { address: '192.168.1.140', metrics: { load1: 0.2 } }),
    ],
    [
      registered('atlas-01/chat/qwen3-8b', {
        ...{
          host: 'atlas-01',
          assets: [
            ['qwen3-8b-q4km', true],
            ['qwen3-8b-lora-support', false],
          ],
        },
        observed: { ...fast, queue_depth: 1, in_flight: 3 },
      }),
      registered('atlas-01/embeddings/bge-m3', {
        ...{ host: 'atlas-01', engine: 'llama.cpp', assets: [['bge-m3-f16', true]] },
        observed: { p50_latency_ms: 38, p95_latency_ms: 71, queue_depth: 0, in_flight: 0 },
      }),
      registered('boreas-02/chat/llama-3.3-70b-instruct-awq', {
        ...{ host: 'boreas-02', assets: [['llama-3.3-70b-instruct-awq', true]], observed: fast },
      }),
      registered('p40-box/chat/gpu0', {
        ...{ host: 'p40-box', engine: 'llama.cpp', assets: [['mistral-7b-q5km', false]] },
        state: { health: 'unhealthy' },
      }),
      registered('p40-box/chat/gpu1-secondary', {
        ...{ host: 'p40-box', engine: 'llama.cpp', assets: [['qwen3.5-9b-q5km', true]] },
        ...{ state: { availability: 'draining' }, observed: { ...fast, p50_latency_ms: 1400 } },
      }),
    ],
    [
      roleRow('general_assistant', 'General assistant'),
      roleRow('long_context'),
      roleRow('mentor', 'Mentor'),
    ],
  );
}

function busyKnowledge(): RouterKnowledge {
  const targets: Readonly<Record<string, RoleTarget>> = {
    general_assistant: { serviceId: 'atlas-01/chat/qwen3-8b', fallbackVia: undefined },
    mentor: { serviceId: 'atlas-01/chat/qwen3-8b', fallbackVia: 'general_assistant' },
  };
  return knowledge({
    healthOf: ({ row }) =>
      row.state.health === 'healthy'
        ? { health: 'healthy', source: 'observed', sinceS: nowS - 5400 }
        : { health: row.state.health, source: 'observed', sinceS: nowS - 725 },
    obstacleOf: ({ row }) => {
      if (row.host_id === 'boreas-02') return 'host is silent';
      if (row.state.availability === 'draining') return 'draining';
      return row.state.health === 'healthy' ? undefined : 'HTTP 503 from /health';
    },
    targetOf: (role) =>
      targets[role.role_id] ?? { reason: 'no service has 32 768 tokens of context' },
    countsOf: (id) =>
      id.startsWith('atlas-01/chat') ? { routed: 18_342, errors: 7 } : { routed: 310, errors: 0 },
    recent: [
      routed(3, 'general_assistant', 'atlas-01/chat/qwen3-8b', 200, 842.4),
      { ...routed(11, 'mentor', 'atlas-01/chat/qwen3-8b', 200, 12_420), isRetried: true },
      routed(47, 'long_context', undefined, 503, 2),
      routed(64, 'gpt-4o', undefined, 404, 1),
      routed(380, 'bge-m3-f16', 'atlas-01/embeddings/bge-m3', 200, 41),
    ],
  });
}

function routed(
  agoS: number,
  requested: string,
  serviceId: string | undefined,
  status: number,
  milliseconds: number,
): RouterKnowledge['recent'][number] {
  return { atS: nowS - agoS, requested, serviceId, status, milliseconds, isRetried: false };
}
