import type { Catalogue, Strategy } from '../catalogue.ts';
import type { HostRow, RoleRow, ServiceRow } from '../documents.ts';
import { familyRankOf } from './family.ts';
import { hasLoaded } from './has-loaded.ts';
import type { RoutingView } from './view.ts';

/** One thing that services are compared by: more is better. */
export type Measure = {
  /** What is said of a service that has more of it. */
  readonly reason: string;
  readonly of: (service: ServiceRow) => number;
  /** Nothing has more, so who has this much needs no comparison. */
  readonly most: number;
};

/** What comes first decides; equals stay as they come, which is in the usual order, or go by their ids. */
export type Order = {
  readonly measures: readonly Measure[];
  readonly equals: 'as they come' | 'smallest id';
};

const loaded: Measure = {
  reason: 'it has an asset loaded',
  of: (service) => Number(hasLoaded(service)),
  most: 1,
};

/** Infinite where nobody has measured it. */
const latency: Measure = {
  reason: 'its latency is lower',
  of: ({ observed }) => -(observed.p50_latency_ms ?? Number.POSITIVE_INFINITY),
  most: Number.POSITIVE_INFINITY,
};

/** What services are in order by when nobody prefers any; of equals, the greatest id goes first. */
export const usual: readonly Measure[] = [loaded, latency];

/** Here, 0 counts as not measured. */
const measuredLatency: Measure = {
  reason: 'its latency is lower',
  of: ({ observed }) => -(observed.p50_latency_ms || Number.POSITIVE_INFINITY),
  most: Number.POSITIVE_INFINITY,
};

const idleness: Measure = {
  reason: 'it has less to do',
  of: ({ observed }) => -((observed.queue_depth ?? 0) + (observed.in_flight ?? 0)),
  most: Number.POSITIVE_INFINITY,
};

/** How the services of a role are compared, or without one those that a name has led to. */
export function orderOf(
  role: RoleRow | undefined,
  strategy: Strategy,
  { catalogue, options }: RoutingView,
): Order {
  if (role === undefined) return { measures: [], equals: 'as they come' };
  const { assets } = catalogue;
  const { profile } = options;
  const families = role.routing_policy.preferred_families.length;
  const family: Measure = {
    reason: 'it has a preferred family',
    of: familyRankOf(role, { assets, profile }),
    most: profile === 'v2' ? families : Math.min(1, families),
  };
  switch (strategy) {
    case 'scored':
      return { measures: [family, labelsFor(role, catalogue)], equals: 'as they come' };
    case 'least_loaded':
      return { measures: [family, idleness, measuredLatency], equals: 'smallest id' };
    case 'round_robin':
      return { measures: [family], equals: 'smallest id' };
    default:
      return strategy satisfies never;
  }
}

/** The preferred labels that the host of a service has, as a value or as `key=value`. */
function labelsFor({ routing_policy: policy }: RoleRow, { hosts }: Catalogue): Measure {
  const preferred = policy.preferred_labels;
  const reason = 'its host has more of the preferred labels';
  if (preferred.length === 0) return { reason, of: () => 0, most: 0 };
  const counts = new Map([...hosts].map(([id, host]) => [id, labelCount(preferred, host)]));
  return {
    reason,
    of: ({ host_id }) => counts.get(host_id) ?? 0,
    most: [...counts.values()].reduce((most, count) => Math.max(most, count), 0),
  };
}

function labelCount(preferred: readonly string[], { labels }: HostRow): number {
  const entries = Object.entries(labels);
  return preferred.filter((label) =>
    entries.some(([key, value]) => value === label || `${key}=${value}` === label),
  ).length;
}
