import type { Catalogue, RegisteredService } from '../catalogue.ts';
import type { HostRow, Json, JsonMap, RoleRow } from '../documents.ts';
import { type Attention, attentionOf } from './attention.ts';

/** What a reader has to do about it: nothing, look, act, or nothing because somebody wants it so. */
export type Level = 'ok' | 'warn' | 'bad' | 'off';

/** What decides about a service, and who has said it. */
type EffectiveHealth = {
  readonly health: string | null;
  readonly source: 'declared' | 'observed';
  /** Seconds since 1970 from which it has been so; undefined where nobody knows. */
  readonly sinceS: number | undefined;
};

export type RoleTarget =
  | { readonly serviceId: string; readonly fallbackVia: string | undefined }
  | { readonly reason: string };

type RouteCounts = { readonly routed: number; readonly errors: number };

/** A request that the router has passed on, or has refused. */
export type RoutedRequest = {
  readonly atS: number;
  /** The name that the client has asked for. */
  readonly requested: string;
  readonly serviceId: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
  readonly isRetried: boolean;
};

/** What the router knows besides the catalogue. */
export type RouterKnowledge = {
  readonly nowS: number;
  readonly startedAtS: number;
  readonly version: string;
  readonly healthStaleAfterS: number;
  readonly healthOf: (service: RegisteredService) => EffectiveHealth;
  /** Why a service gets no work, in a few words; undefined where it gets some. */
  readonly obstacleOf: (service: RegisteredService) => string | undefined;
  readonly targetOf: (role: RoleRow) => RoleTarget;
  readonly countsOf: (serviceId: string) => RouteCounts;
  /** The latest first. */
  readonly recent: readonly RoutedRequest[];
};

export type HostView = {
  readonly id: string;
  readonly name: string | undefined;
  readonly address: string;
  readonly state: string;
  readonly level: Level;
  readonly isStale: boolean;
  readonly lastSeenS: number;
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  readonly gpus: readonly string[];
  readonly services: number;
};

export type ServiceView = {
  readonly id: string;
  readonly host: string;
  readonly kind: string;
  readonly engine: string | undefined;
  readonly assets: readonly { readonly id: string; readonly isLoaded: boolean }[];
  readonly health: EffectiveHealth;
  readonly availability: string;
  readonly obstacle: string | undefined;
  readonly level: Level;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly tokensPerS: number | undefined;
  readonly queue: number | undefined;
  readonly inFlight: number | undefined;
} & RouteCounts;

export type RoleView = {
  readonly id: string;
  readonly name: string | undefined;
  readonly operation: string;
  readonly target: RoleTarget;
};

/** All that the page shows, as plain values. */
export type PageView = {
  readonly nowS: number;
  readonly startedAtS: number;
  readonly version: string;
  readonly attention: readonly Attention[];
  readonly hosts: readonly HostView[];
  readonly services: readonly ServiceView[];
  readonly roles: readonly RoleView[];
  readonly routes: readonly RoutedRequest[];
  readonly summary: {
    readonly hosts: number;
    readonly hostsOnline: number;
    readonly services: number;
    readonly servicesReady: number;
    readonly roles: number;
    readonly rolesServed: number;
  } & RouteCounts;
};

const shownRoutes = 20;

/** The page's values: each list in the order of its ids, so that a line stays where it was. */
export function pageViewOf(catalogue: Catalogue, known: RouterKnowledge): PageView {
  const registered = [...catalogue.services.values()];
  const hosts = [...catalogue.hosts.values()]
    .map((row) =>
      hostView(row, known, registered.filter((it) => it.row.host_id === row.host_id).length),
    )
    .sort(byId);
  const services = registered.map((it) => serviceView(it, known)).sort(byId);
  const roles = [...catalogue.roles.values()].map((row) => roleView(row, known)).sort(byId);
  const { nowS, startedAtS, version } = known;
  return {
    ...{ nowS, startedAtS, version, hosts, services, roles },
    attention: attentionOf(hosts, services, roles),
    routes: known.recent.slice(0, shownRoutes),
    summary: {
      hosts: hosts.length,
      hostsOnline: hosts.filter((it) => it.level === 'ok').length,
      services: services.length,
      servicesReady: services.filter((it) => it.obstacle === undefined).length,
      roles: roles.length,
      rolesServed: roles.filter((it) => 'serviceId' in it.target).length,
      routed: sum(services.map((it) => it.routed)),
      errors: sum(services.map((it) => it.errors)),
    },
  };
}

function hostView(row: HostRow, known: RouterKnowledge, services: number): HostView {
  const { state, last_seen } = row.status;
  const isStale = known.nowS - last_seen > known.healthStaleAfterS;
  const stateLevel = state === 'online' ? 'ok' : 'off';
  return {
    id: row.host_id,
    name: row.display_name ?? undefined,
    address: row.address,
    state,
    level: isStale ? 'bad' : stateLevel,
    isStale,
    lastSeenS: last_seen,
    metrics: numbersOf(row.metrics),
    gpus: gpusOf(row.resources['gpus']),
    services,
  };
}

function serviceView(service: RegisteredService, known: RouterKnowledge): ServiceView {
  const { row } = service;
  const health = known.healthOf(service);
  const obstacle = known.obstacleOf(service);
  const { observed } = row;
  return {
    id: row.service_id,
    host: row.host_id,
    kind: row.kind,
    engine: row.runtime.engine ?? undefined,
    assets: row.assets.map((it) => ({ id: it.asset_id, isLoaded: it.loaded })),
    availability: row.state.accept_requests ? row.state.availability : 'accepts no requests',
    ...{ health, obstacle, level: levelOf(service, obstacle, health) },
    p50Ms: observed.p50_latency_ms ?? undefined,
    p95Ms: observed.p95_latency_ms ?? undefined,
    tokensPerS: observed.tokens_per_sec ?? undefined,
    queue: observed.queue_depth ?? undefined,
    inFlight: observed.in_flight ?? undefined,
    ...known.countsOf(row.service_id),
  };
}

const wanted: readonly string[] = ['draining', 'paused_by_user'];

function levelOf(
  { row }: RegisteredService,
  obstacle: string | undefined,
  { health }: EffectiveHealth,
): Level {
  if (obstacle === undefined) {
    return row.state.availability === 'busy' || health !== 'healthy' ? 'warn' : 'ok';
  }
  const isWanted = !row.state.accept_requests || wanted.includes(row.state.availability);
  return isWanted && health === 'healthy' ? 'off' : 'bad';
}

function roleView(row: RoleRow, known: RouterKnowledge): RoleView {
  return {
    id: row.role_id,
    name: row.display_name ?? undefined,
    operation: row.operation,
    target: known.targetOf(row),
  };
}

function numbersOf(metrics: JsonMap): HostView['metrics'] {
  return Object.entries(metrics)
    .flatMap(([name, value]) => (typeof value === 'number' ? [{ name, value }] : []))
    .sort((one, other) => compare(one.name, other.name));
}

function gpusOf(gpus: Json | undefined): readonly string[] {
  return Array.isArray(gpus) ? gpus.map(gpuText).filter((it) => it !== '') : [];
}

// What a host says of its GPUs is free: each word that is there is shown.
function gpuText(gpu: Json): string {
  if (typeof gpu !== 'object' || gpu === null || Array.isArray(gpu)) return '';
  const { name, gpu_id, vram_gb } = gpu as JsonMap;
  const memory = typeof vram_gb === 'number' ? `${vram_gb} GB` : undefined;
  return [name ?? gpu_id, memory].filter((it) => typeof it === 'string').join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, it) => total + it, 0);
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
