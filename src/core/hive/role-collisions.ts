import type { Catalogue } from './catalogue.ts';
import { compareCodePoints } from './compare-code-points.ts';
import { servicesNamed } from './routing/service-index.ts';

/** A role that gets no work while one of these services can have it. */
export type RoleCollision = {
  readonly role_id: string;
  /** What else has the name. */
  readonly with: 'service' | 'asset';
  readonly service_ids: readonly string[];
};

/** The roles whose names are also those of services or of what these have. A name that is both counts as that of a service. */
export function roleCollisions(catalogue: Catalogue): readonly RoleCollision[] {
  return [...catalogue.roles.keys()].sort(compareCodePoints).flatMap((role_id) => {
    const ids = servicesNamed(catalogue, role_id).map(({ row }) => row.service_id);
    if (ids.length === 0) return [];
    const what = ids.includes(role_id) ? 'service' : 'asset';
    return [{ role_id, with: what, service_ids: ids.sort(compareCodePoints) }] as const;
  });
}
