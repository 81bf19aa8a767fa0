import type { RegisteredService } from '../catalogue.ts';
import type { RoleRow } from '../documents.ts';
import { SILENT } from './eligible.ts';
import { type Exclusion, type Pool, poolOf, sieve } from './pool.ts';
import { roleMisfit } from './role-misfit.ts';
import { servicesNamed } from './service-index.ts';
import type { RoutingView } from './view.ts';

/** Who can serve a name, in the usual order. */
export type Found = {
  /** Undefined where the name is that of services or of what they have. */
  readonly role: RoleRow | undefined;
  /** The role whose preferences count: the same one, or the one it falls back on. */
  readonly servingRole: RoleRow | undefined;
  readonly fallbackVia: string | undefined;
  readonly candidates: readonly RegisteredService[];
  readonly excluded: readonly Exclusion[];
  /** Their hosts are silent, and there are no others. */
  readonly isDegraded: boolean;
};

type Search = {
  readonly view: RoutingView;
  readonly kind: string | undefined;
  /** Takes silent hosts for live ones. */
  readonly isLenient: boolean;
  /** Names that need no second look; fallbacks may lead back to themselves. */
  readonly visited: Set<string>;
};

/** Who can serve a name; undefined for one that nobody knows. Silent hosts come in when the whole search found no live one. */
export function seek(view: RoutingView, name: string, kind: string | undefined): Found | undefined {
  const strict = seekName({ view, kind, isLenient: false, visited: new Set([name]) }, name);
  if (!view.options.failOpen || strict === undefined || strict.candidates.length > 0) return strict;
  const lenient = seekName({ view, kind, isLenient: true, visited: new Set([name]) }, name);
  if (lenient === undefined || lenient.candidates.length === 0) return strict;
  return { ...lenient, isDegraded: true };
}

function seekName(search: Search, name: string): Found | undefined {
  const named = servicesNamed(search.view.catalogue, name).filter(
    ({ row }) => search.kind === undefined || row.kind === search.kind,
  );
  const direct = found(sieve(search.view, named), search, undefined);
  if (direct.candidates.length > 0) return direct;
  const role = search.view.catalogue.roles.get(name);
  if (role !== undefined) return seekRole(search, role);
  return named.length === 0 ? undefined : direct;
}

function seekRole(search: Search, role: RoleRow): Found {
  const kind = search.kind ?? role.operation;
  const own = found(poolOf(search.view, kind), search, role);
  if (own.candidates.length > 0) return own;
  for (const entry of role.routing_policy.fallback_roles) {
    if (search.visited.has(entry)) continue;
    search.visited.add(entry);
    const other = seekName({ ...search, kind }, entry);
    if (other === undefined || other.candidates.length === 0) continue;
    return { ...own, ...other, role, fallbackVia: entry, excluded: own.excluded };
  }
  return own;
}

function found(pool: Pool, { view, isLenient }: Search, role: RoleRow | undefined): Found {
  // In a lenient search, none of those with live hosts gets through, so the order is that of the silent ones.
  const live = isLenient ? [...pool.fitting, ...pool.silent] : pool.fitting;
  const silent = isLenient ? [] : pool.silent.map((service) => exclusion(service, SILENT));
  const parted = role === undefined ? { candidates: live, excluded: [] } : part(live, role, view);
  return {
    role,
    servingRole: role,
    fallbackVia: undefined,
    candidates: parted.candidates,
    excluded: [...pool.excluded, ...silent, ...parted.excluded],
    isDegraded: false,
  };
}

function part(
  services: readonly RegisteredService[],
  role: RoleRow,
  { catalogue }: RoutingView,
): Pick<Found, 'candidates' | 'excluded'> {
  const { require_loaded, min_context } = role.routing_policy;
  if (!require_loaded && min_context === null) return { candidates: services, excluded: [] };
  const candidates: RegisteredService[] = [];
  const excluded: Exclusion[] = [];
  for (const service of services) {
    const reason = roleMisfit(service, role, catalogue);
    if (reason === undefined) candidates.push(service);
    else excluded.push(exclusion(service, reason));
  }
  return { candidates, excluded };
}

function exclusion({ row }: RegisteredService, reason: string): Exclusion {
  return { service_id: row.service_id, reason };
}
