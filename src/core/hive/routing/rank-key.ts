import type { Catalogue, RegisteredService } from '../catalogue.ts';
import type { HostRow, RoleRow, ServiceRow } from '../documents.ts';
import { familyRank } from './family.ts';
import type { RoutingView } from './view.ts';

/** What services are put in order by. */
export type RankKey = {
  readonly service: RegisteredService;
  readonly id: string;
  readonly family: number;
  readonly labels: number;
  readonly isLoaded: boolean;
  /** Infinite where nobody has measured it. */
  readonly p50Ms: number;
  readonly load: number;
};

const labelTexts = new WeakMap<HostRow, ReadonlySet<string>>();

/** The key of a service, for a role or for its own name. */
export function rankKey(
  service: RegisteredService,
  role: RoleRow | undefined,
  { catalogue, options }: RoutingView,
): RankKey {
  const { row } = service;
  const { assets } = catalogue;
  const { observed } = row;
  return {
    service,
    id: row.service_id,
    family: role === undefined ? 0 : familyRank(role, row, { assets, profile: options.profile }),
    labels: role === undefined ? 0 : labelCount(role, row, catalogue),
    isLoaded: hasLoaded(row),
    p50Ms: observed.p50_latency_ms ?? Number.POSITIVE_INFINITY,
    load: (observed.queue_depth ?? 0) + (observed.in_flight ?? 0),
  };
}

/** Whether any asset of a service is loaded. */
export function hasLoaded({ assets }: ServiceRow): boolean {
  return assets.some(({ loaded }) => loaded);
}

/** How many preferred labels the host of a service has, as a value or as `key=value`. */
function labelCount(role: RoleRow, { host_id }: ServiceRow, { hosts }: Catalogue): number {
  const { preferred_labels: preferred } = role.routing_policy;
  const host = hosts.get(host_id);
  if (preferred.length === 0 || host === undefined) return 0;
  const texts = labelTexts.get(host) ?? new Set(Object.entries(host.labels).flatMap(textsOf));
  labelTexts.set(host, texts);
  return preferred.filter((label) => texts.has(label)).length;
}

function textsOf([key, value]: readonly [string, string]): readonly string[] {
  return [value, `${key}=${value}`];
}
