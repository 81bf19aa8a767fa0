import { decode } from '../read/decode.ts';
import type { Problem } from '../read/problem.ts';
import type { Control } from './control.ts';
import { apiKey, nodeKey, type WrittenNodeKey } from './keys.ts';
import { controlTable } from './table.ts';

/** What `control.yaml` says, or everything that is wrong with its values. */
export function decodeControl(
  value: unknown,
):
  | { readonly ok: true; readonly value: Control }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  // An empty file leaves everything as it is.
  const decoded = decode(value ?? {}, controlTable, [], (problem) => problems.push(problem));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: controlOf(decoded as unknown as WrittenControl) };
}

/** As the table leaves it. */
type WrittenControl = {
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly drain_delay_s: number;
  };
  readonly auth: {
    readonly client_api_keys: readonly string[];
    readonly node_api_keys: readonly WrittenNodeKey[];
    readonly benchmark_api_keys: readonly string[];
    readonly allow_open: boolean;
  };
  readonly storage: { readonly sqlite_path: string | null };
  readonly routing: {
    readonly health_stale_after_s: number;
    readonly default_strategy: Control['routing']['defaultStrategy'];
    readonly profile: Control['routing']['profile'];
    readonly fail_open: boolean;
    readonly benchmark_max_age_s: number | null;
    readonly retries: number;
    readonly allow_networks: readonly string[];
    readonly allow_any_endpoint: boolean;
  };
  readonly limits: {
    readonly body_bytes: number;
    readonly audio_bytes: number;
    readonly connect_timeout_s: number;
    readonly read_timeout_s: number;
    readonly drain_timeout_s: number;
  };
  readonly audit_log: string | null;
  readonly roles_path: string | null;
};

function controlOf({ server, auth, storage, routing, limits, ...rest }: WrittenControl): Control {
  return {
    server: { host: server.host, port: server.port, drainDelayS: server.drain_delay_s },
    auth: {
      clientKeys: auth.client_api_keys.map(apiKey),
      nodeKeys: auth.node_api_keys.map(nodeKey),
      benchmarkKeys: auth.benchmark_api_keys.map(apiKey),
      allowOpen: auth.allow_open,
    },
    storage: { sqlitePath: storage.sqlite_path ?? undefined },
    routing: routingOf(routing),
    limits: {
      bodyBytes: limits.body_bytes,
      audioBytes: limits.audio_bytes,
      connectTimeoutS: limits.connect_timeout_s,
      readTimeoutS: limits.read_timeout_s,
      drainTimeoutS: limits.drain_timeout_s,
    },
    auditLog: rest.audit_log ?? undefined,
    rolesPath: rest.roles_path ?? undefined,
  };
}

function routingOf(written: WrittenControl['routing']): Control['routing'] {
  return {
    healthStaleAfterS: written.health_stale_after_s,
    defaultStrategy: written.default_strategy,
    profile: written.profile,
    failOpen: written.fail_open,
    benchmarkMaxAgeS: written.benchmark_max_age_s ?? undefined,
    retries: written.retries,
    allowNetworks: written.allow_networks,
    allowAnyEndpoint: written.allow_any_endpoint,
  };
}
