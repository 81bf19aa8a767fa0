import type {
  RequestPolicy,
  RoleDocument,
  ServiceAsset,
  ServiceDocument,
} from '../../../../src/core/hive/documents.ts';
import type { PartialPolicy } from '../../../../src/core/hive/policy/merge.ts';

function policy(parts: PartialPolicy = {}): RequestPolicy {
  return {
    body_defaults: parts.body_defaults ?? {},
    system_prompt: parts.system_prompt ?? null,
    system_prompt_position: parts.system_prompt_position ?? 'prepend',
  };
}

export function asset(id: string, loaded = false, parts: PartialPolicy = {}): ServiceAsset {
  return {
    asset_id: id,
    loaded,
    request_policy: policy(parts),
    context_size: null,
    max_context_tokens: null,
  };
}

export function service(
  id: string,
  assets: readonly ServiceAsset[],
  kind: ServiceDocument['kind'] = 'chat',
): ServiceDocument {
  return {
    service_id: id,
    host_id: 'h1',
    kind,
    protocol: 'openai',
    endpoint: 'http://127.0.0.1:9',
    runtime: { engine: null, launcher: null },
    assets,
    state: {
      health: 'healthy',
      load_state: null,
      accept_requests: true,
      availability: 'available',
    },
    observed: {
      p50_latency_ms: null,
      p95_latency_ms: null,
      tokens_per_sec: null,
      queue_depth: null,
      in_flight: null,
      max_context_tokens: null,
    },
  };
}

export function role(
  parts: {
    readonly system_prompt?: string;
    readonly user_template?: string;
    readonly request_policy?: PartialPolicy;
  } = {},
): RoleDocument {
  return {
    role_id: 'mentor',
    display_name: null,
    description: null,
    operation: 'chat',
    modality: 'text',
    prompt_policy: {
      system_prompt: parts.system_prompt ?? null,
      user_template: parts.user_template ?? null,
      request_policy: policy(parts.request_policy),
    },
    routing_policy: {
      preferred_families: [],
      preferred_labels: [],
      min_context: null,
      require_loaded: false,
      fallback_roles: [],
    },
  };
}
