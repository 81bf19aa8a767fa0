import type { RegisteredService } from '../catalogue.ts';
import { misfit, SILENT } from './eligible.ts';
import { servicesOfKind } from './service-index.ts';
import type { RoutingView } from './view.ts';

/** A service that was looked at and not taken. */
export type Exclusion = { readonly service_id: string; readonly reason: string };

/** Services, by what is against them. */
export type Pool = {
  readonly fitting: readonly RegisteredService[];
  /** They would fit, were their hosts not silent. */
  readonly silent: readonly RegisteredService[];
  readonly excluded: readonly Exclusion[];
};

const pools = new WeakMap<RoutingView, Map<string, Pool>>();

/** The services of a kind, sieved once for a view. */
export function poolOf(view: RoutingView, kind: string): Pool {
  const known = pools.get(view) ?? new Map<string, Pool>();
  pools.set(view, known);
  const pool = known.get(kind) ?? sieve(view, servicesOfKind(view.catalogue, kind));
  known.set(kind, pool);
  return pool;
}

/** Services, parted by whether they get work. */
export function sieve(view: RoutingView, services: readonly RegisteredService[]): Pool {
  const fitting: RegisteredService[] = [];
  const silent: RegisteredService[] = [];
  const excluded: Exclusion[] = [];
  for (const service of services) {
    const reason = misfit(service, view);
    if (reason === undefined) fitting.push(service);
    else if (reason === SILENT) silent.push(service);
    else excluded.push({ service_id: service.row.service_id, reason });
  }
  return { fitting, silent, excluded };
}

/** Those that get work: with `failOpen` and no other one left, the silent ones as well. */
export function usable(pool: Pool, view: RoutingView): readonly RegisteredService[] {
  const isOpen = view.options.failOpen && pool.fitting.length === 0;
  return isOpen ? pool.silent : pool.fitting;
}
