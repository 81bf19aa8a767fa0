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
};

/** What comes first decides; of equals, one id. */
export type Order = {
  readonly measures: readonly Measure[];
  readonly equals: 'greatest id' | 'smallest id';
};

const loaded: Measure = {
  reason: 'it has an asset loaded',
  of: (service) => Number(hasLoaded(service)),
};

/** Infinite where nobody has measured it. */
const latency: Measure = {
  reason: 'its latency is lower',
  of: ({ observed }) => -(observed.p50_latency_ms ?? Number.POSITIVE_INFINITY),
};

/** Here, 0 counts as not measured. */
const measuredLatency: Measure = {
  reason: 'its latency is lower',
  of: ({ observed }) => -(observed.p50_latency_ms || Number.POSITIVE_INFINITY),
};

const idleness: Measure = {
  reason: 'it has less to do',
  of: ({ observed }) => -((observed.queue_depth ?? 0) + (observed.in_flight ?? 0)),
};

/** How the services of a role are compared, or without one those that a name has led to. */
export function orderOf(
  role: RoleRow | undefined,
  strategy: Strategy,
  { catalogue, options }: RoutingView,
): Order {
  if (role === undefined) return { measures: [loaded, latency], equals: 'greatest id' };
  const { assets } = catalogue;
  const family: Measure = {
    reason: 'it has a preferred family',
    of: familyRankOf(role, { assets, profile: options.profile }),
  };
  switch (strategy) {
    case 'scored':
      return {
        measures: [family, labelsFor(role, catalogue), loaded, latency],
        equals: 'greatest id',
      };
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
  const counts = new Map<string, number>();
  const countOf = (id: string) => {
    const count = counts.get(id) ?? labelCount(preferred, hosts.get(id));
    counts.set(id, count);
    return count;
  };
  return {
    reason: 'its host has more of the preferred labels',
    of: preferred.length === 0 ? () => 0 : ({ host_id }) => countOf(host_id),
  };
}

function labelCount(preferred: readonly string[], host: HostRow | undefined): number {
  const labels = Object.entries(host?.labels ?? {});
  const texts = new Set(labels.flatMap(([key, value]) => [value, `${key}=${value}`]));
  return preferred.filter((label) => texts.has(label)).length;
}
