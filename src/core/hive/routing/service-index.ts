import type { Catalogue, RegisteredService } from '../catalogue.ts';
import { compareCodePoints } from '../compare-code-points.ts';
import { usual } from './measures.ts';

type Index = {
  readonly byName: ReadonlyMap<string, readonly RegisteredService[]>;
  readonly byKind: ReadonlyMap<string, readonly RegisteredService[]>;
};

// With the services themselves, not the catalogue: a heartbeat without services makes another catalogue of the same ones.
const indexes = new WeakMap<Catalogue['services'], Index>();

/** The services that have a name as their id or as that of an asset, usable or not, in their usual order. */
export function servicesNamed(catalogue: Catalogue, name: string): readonly RegisteredService[] {
  return indexOf(catalogue).byName.get(name) ?? [];
}

/** All names that a service or an asset of one has. */
export function directNames(catalogue: Catalogue): readonly string[] {
  return [...indexOf(catalogue).byName.keys()];
}

/** All services of a kind, usable or not; an unknown kind has none. In their usual order. */
export function servicesOfKind(catalogue: Catalogue, kind: string): readonly RegisteredService[] {
  return indexOf(catalogue).byKind.get(kind) ?? [];
}

function indexOf({ services }: Catalogue): Index {
  const known = indexes.get(services);
  if (known !== undefined) return known;
  const index = indexed(inUsualOrder(services));
  indexes.set(services, index);
  return index;
}

function indexed(services: readonly RegisteredService[]): Index {
  const byName = new Map<string, RegisteredService[]>();
  const byKind = new Map<string, RegisteredService[]>();
  for (const service of services) {
    const { service_id, kind, assets } = service.row;
    add(byKind, kind, service);
    const names = new Set([service_id, ...assets.map(({ asset_id }) => asset_id)]);
    for (const name of names) add(byName, name, service);
  }
  return { byName, byKind };
}

/** Once for all requests, as most of what they compare services by does not depend on what they ask for. */
function inUsualOrder(services: Catalogue['services']): readonly RegisteredService[] {
  return [...services.values()]
    .map((service) => ({ service, values: usual.map(({ of }) => of(service.row)) }))
    .sort((a, b) => {
      const at = a.values.findIndex((value, index) => value !== b.values[index]);
      if (at !== -1) return (a.values[at] ?? 0) > (b.values[at] ?? 0) ? -1 : 1;
      return compareCodePoints(b.service.row.service_id, a.service.row.service_id);
    })
    .map(({ service }) => service);
}

function add<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
