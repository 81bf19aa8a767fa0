// The documents of the registry, by the names that they have on the wire. What has been read is complete: all defaults
// are there, nulls included. Times are seconds since 1970, with fractions.

export const kinds = ['chat', 'embeddings', 'transcription'] as const;
/** What a service does, and so which of its paths requests go to. */
export type Kind = (typeof kinds)[number];

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export type JsonMap = Readonly<Record<string, Json>>;

export const promptPositions = ['prepend', 'append', 'replace'] as const;
export type PromptPosition = (typeof promptPositions)[number];

/** Goes under what the caller has sent: what he has set himself stays. */
export type RequestPolicy = {
  readonly body_defaults: JsonMap;
  readonly system_prompt: string | null;
  readonly system_prompt_position: PromptPosition;
};

/** What a host sends of itself. */
export type HostDocument = {
  readonly host_id: string;
  readonly display_name: string | null;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capabilities: JsonMap;
  readonly resources: JsonMap;
  readonly auth: { readonly node_key_id: string | null };
  readonly status: { readonly state: string };
  readonly metrics: JsonMap;
  readonly services: readonly ServiceDocument[];
};

export const availabilities = [
  'available',
  'busy',
  'draining',
  'paused_by_user',
  'offline',
  'quarantined',
] as const;
export type Availability = (typeof availabilities)[number];

/** An asset as a service has it. */
export type ServiceAsset = {
  readonly asset_id: string;
  readonly loaded: boolean;
  readonly request_policy: RequestPolicy;
  readonly context_size: number | null;
  readonly max_context_tokens: number | null;
};

/** One process that answers requests. */
export type ServiceDocument = {
  /** One of it in all hosts. */
  readonly service_id: string;
  readonly host_id: string;
  readonly kind: Kind;
  readonly protocol: string;
  /** URL that `/v1/…` is put behind; without a slash at its end. */
  readonly endpoint: string;
  readonly runtime: { readonly engine: string | null; readonly launcher: string | null } & JsonMap;
  readonly assets: readonly ServiceAsset[];
  readonly state: {
    /** Work goes there only when it is exactly `healthy`. */
    readonly health: string | null;
    readonly load_state: string | null;
    readonly accept_requests: boolean;
    readonly availability: Availability;
  };
  readonly observed: {
    readonly p50_latency_ms: number | null;
    readonly p95_latency_ms: number | null;
    readonly tokens_per_sec: number | null;
    readonly queue_depth: number | null;
    readonly in_flight: number | null;
    readonly max_context_tokens: number | null;
  };
};

export type Heartbeat = {
  readonly host_id: string;
  readonly status: { readonly state: string };
  readonly metrics: JsonMap;
  /** Undefined leaves those that are registered as they are; an empty list takes them away. */
  readonly services: readonly ServiceDocument[] | undefined;
};

export const locatorKinds = ['path', 'hf', 'oci', 'url'] as const;

/** What a service has loaded, or could load. */
export type AssetDocument = {
  readonly asset_id: string;
  readonly family: string | null;
  readonly modality: string;
  readonly operation: Kind;
  readonly format: string | null;
  readonly locator: { readonly kind: (typeof locatorKinds)[number]; readonly value: string };
  readonly metadata: JsonMap;
};

/** A name for clients that stands for the service which fits best. */
export type RoleDocument = {
  readonly role_id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly operation: Kind;
  readonly modality: string;
  readonly prompt_policy: {
    readonly system_prompt: string | null;
    /** Has `{{ user_input }}` in it. */
    readonly user_template: string | null;
    readonly request_policy: RequestPolicy;
  };
  readonly routing_policy: {
    readonly preferred_families: readonly string[];
    readonly preferred_labels: readonly string[];
    /** Tokens. */
    readonly min_context: number | null;
    readonly require_loaded: boolean;
    /** Other roles, services or assets, in the order in which they are tried. */
    readonly fallback_roles: readonly string[];
  };
};

export const targetTypes = ['service', 'host'] as const;

/** What somebody has seen of a service at one time. */
export type HealthSample = {
  readonly sample_id: string;
  readonly target_type: (typeof targetTypes)[number];
  readonly target_id: string;
  readonly observed_at: number;
  readonly status: string;
  readonly checks: JsonMap;
  readonly metrics: JsonMap;
};

export type BenchmarkSample = {
  readonly benchmark_id: string;
  /** May name a service that nobody has registered. */
  readonly service_id: string;
  readonly asset_id: string | null;
  readonly workload: string;
  readonly observed_at: number;
  readonly results: JsonMap;
};

export type BenchmarkIngest = { readonly samples: readonly BenchmarkSample[] };

/** A file of measurements, whose samples get what they lack from it. */
export type BenchmarkReport = {
  readonly report_id: string | null;
  readonly observed_at: number | null;
  readonly source: Json;
  readonly samples: readonly {
    readonly service_id: string;
    readonly asset_id: string | null;
    readonly workload: string;
    readonly observed_at: number | null;
    readonly benchmark_id: string | null;
    readonly results: JsonMap;
  }[];
};

export type MatchRequest = {
  readonly task: string | null;
  readonly tasks: readonly string[];
  readonly workload: string | null;
  readonly workloads: readonly string[];
  readonly kind: Kind | null;
  readonly modality: string | null;
  readonly include_direct_services: boolean;
  readonly limit: number;
};

/** What a score was made of; a key is there where it was looked at. */
export type MatchSignals = {
  readonly task_overlap: number;
  readonly preferred_family_match?: number;
  readonly loaded: boolean;
  readonly p50_latency_ms: number | null;
  readonly tokens_per_sec: number | null;
  readonly queue_depth?: number | null;
  readonly benchmark_match_count: number;
  readonly best_workload_overlap: number;
  readonly benchmark_quality_score: number | null;
};

export type MatchCandidate = {
  readonly candidate_type: 'role' | 'service';
  readonly candidate_id: string;
  readonly operation: Kind;
  /** 0 to 1, four decimals. */
  readonly score: number;
  readonly reasons: readonly string[];
  readonly signals: MatchSignals;
  readonly role: RoleRow | null;
  /** Null for a role that nothing serves. */
  readonly service: ServiceRow | null;
};

// What the registry keeps: the documents, with what it knows of them besides.

export type HostRow = Omit<HostDocument, 'services' | 'status'> & {
  readonly status: { readonly state: string; readonly last_seen: number };
};

export type ServiceRow = ServiceDocument & {
  readonly updated_at: number;
};

export type RoleRow = RoleDocument & { readonly updated_at: number };
