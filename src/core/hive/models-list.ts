import type { RegisteredService } from './catalogue.ts';
import { compareCodePoints } from './compare-code-points.ts';
import type {
  JsonMap,
  Kind,
  RoleRow,
  ServiceAsset,
  ServiceDocument,
  ServiceRow,
} from './documents.ts';
import { type OffloadHint, offloadHint } from './offload-hint.ts';
import { targetAsset } from './policy/target-asset.ts';
import { hasLoaded } from './routing/has-loaded.ts';
import { effectiveHealth } from './routing/liveness.ts';
import { poolOf, usable } from './routing/pool.ts';
import { pick } from './routing/resolve.ts';
import { directNames } from './routing/service-index.ts';
import type { RoutingView } from './routing/view.ts';

/** What is put into the requests for a name; null where nothing is. */
export type EffectivePolicy = (
  service: ServiceRow | undefined,
  asset: ServiceAsset | undefined,
  role: RoleRow | undefined,
  requested: string,
) => JsonMap | null;

type ServiceDetails = Pick<
  ServiceDocument,
  'service_id' | 'host_id' | 'protocol' | 'endpoint' | 'assets' | 'runtime' | 'observed'
> & {
  readonly route_type: 'service' | 'asset';
  readonly asset_id?: string;
  readonly operation: Kind;
  readonly health: string | null;
  readonly loaded_asset_count: number;
  readonly effective_request_policy: JsonMap | null;
  readonly offload_hint: OffloadHint;
};

type RoleDetails = Pick<
  RoleRow,
  'role_id' | 'display_name' | 'operation' | 'modality' | 'routing_policy'
> & {
  readonly route_type: 'role';
  readonly healthy_target_count: number;
  readonly loaded_target_count: number;
  readonly best_p50_latency_ms: number | null;
  readonly offload_hint: OffloadHint;
  readonly effective_request_policy: JsonMap | null;
};

/** A name that clients can ask for. */
type ModelEntry = {
  readonly id: string;
  readonly object: 'model';
  /** Whole seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
  readonly geniehive: ServiceDetails | RoleDetails;
};

export type ModelsList = { readonly object: 'list'; readonly data: readonly ModelEntry[] };

type Listing = { readonly view: RoutingView; readonly policy: EffectivePolicy };

/** All names that a request can have for its model, each with what it would get. Roles are always there. */
export function modelsList(view: RoutingView, policy: EffectivePolicy): ModelsList {
  const { catalogue } = view;
  const names = new Set([...directNames(catalogue), ...catalogue.roles.keys()]);
  const data = [...names]
    .sort(compareCodePoints)
    .flatMap((name) => entryOf(name, { view, policy }) ?? []);
  return { object: 'list', data };
}

function entryOf(name: string, listing: Listing): ModelEntry | undefined {
  const picked = pick(listing.view, name);
  if (picked?.role !== undefined) return roleEntry(picked.role, picked.service?.row, listing);
  return picked?.service === undefined ? undefined : serviceEntry(name, picked.service, listing);
}

function serviceEntry(name: string, service: RegisteredService, listing: Listing): ModelEntry {
  const { row, created_at } = service;
  const { service_id, host_id, protocol, endpoint, kind, assets, runtime, observed } = row;
  const loaded = Number(hasLoaded(row));
  const basis = { loaded_target_count: loaded, best_p50_latency_ms: observed.p50_latency_ms };
  const isAsset = name !== service_id;
  const geniehive: ServiceDetails = {
    route_type: isAsset ? 'asset' : 'service',
    ...(isAsset ? { asset_id: name } : {}),
    service_id,
    host_id,
    operation: kind,
    protocol,
    endpoint,
    health: effectiveHealth(service, listing.view),
    loaded_asset_count: loaded,
    assets,
    runtime,
    observed,
    effective_request_policy: policyOf(name, { service: row, role: undefined }, listing),
    offload_hint: offloadHint(kind, basis),
  };
  return entry(name, { createdS: created_at, owner: host_id, geniehive });
}

function roleEntry(role: RoleRow, service: ServiceRow | undefined, listing: Listing): ModelEntry {
  const { role_id, display_name, operation, modality, routing_policy, updated_at } = role;
  const targets = usable(poolOf(listing.view, operation), listing.view).map(({ row }) => row);
  const loaded = targets.filter(hasLoaded).length;
  const best = lowestP50(targets);
  const basis = { loaded_target_count: loaded, best_p50_latency_ms: best };
  const geniehive: RoleDetails = {
    route_type: 'role',
    role_id,
    display_name,
    operation,
    modality,
    healthy_target_count: targets.length,
    ...basis,
    offload_hint: offloadHint(operation, basis),
    routing_policy,
    effective_request_policy: policyOf(role_id, { service, role }, listing),
  };
  return entry(role_id, { createdS: updated_at, owner: 'geniehive-role', geniehive });
}

function lowestP50(services: readonly ServiceRow[]): number | null {
  let lowest: number | null = null;
  for (const { observed } of services) {
    const p50 = observed.p50_latency_ms;
    if (p50 !== null && (lowest === null || p50 < lowest)) lowest = p50;
  }
  return lowest;
}

/** Only chats are shaped, and only where there is a service that they go to. */
function policyOf(
  name: string,
  {
    service,
    role,
  }: { readonly service: ServiceRow | undefined; readonly role: RoleRow | undefined },
  { policy }: Listing,
): JsonMap | null {
  if (service === undefined || service.kind !== 'chat') return null;
  return policy(service, targetAsset(service, name), role, name);
}

function entry(
  id: string,
  of: {
    readonly createdS: number;
    readonly owner: string;
    readonly geniehive: ModelEntry['geniehive'];
  },
): ModelEntry {
  const { createdS, owner, geniehive } = of;
  return { id, object: 'model', created: Math.floor(createdS), owned_by: owner, geniehive };
}
