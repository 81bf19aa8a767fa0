import type { Catalogue } from '../catalogue.ts';
import type { RoleRow, ServiceRow } from '../documents.ts';

type Assets = Catalogue['assets'];

const texts = new WeakMap<Assets, WeakMap<ServiceRow, string>>();

/**
 * Says of services how well they fit the preferred families of a role, with 0 for not at all. The order of the families
 * counts in `v2` alone: the first one of n gives n. `v1` knows 1 only.
 */
export function familyRankOf(
  { routing_policy: { preferred_families } }: RoleRow,
  { assets, profile }: { readonly assets: Assets; readonly profile: 'v1' | 'v2' },
): (service: ServiceRow) => number {
  const families = preferred_families.map((family) => family.toLowerCase());
  if (families.length === 0) return () => 0;
  const known = texts.get(assets) ?? new WeakMap<ServiceRow, string>();
  texts.set(assets, known);
  return (service) => {
    const text = known.get(service) ?? keepText(known, service, assets);
    const at = families.findIndex((family) => text.includes(family));
    if (at === -1) return 0;
    return profile === 'v2' ? families.length - at : 1;
  };
}

function keepText(known: WeakMap<ServiceRow, string>, service: ServiceRow, assets: Assets): string {
  const text = familyText(service, assets);
  known.set(service, text);
  return text;
}

/** The ids of what a service has, and the families that are registered for them. */
function familyText(service: ServiceRow, assets: Assets): string {
  const ids = service.assets.map(({ asset_id }) => asset_id);
  const families = ids.flatMap((id) => assets.get(id)?.family ?? []);
  return [...ids, ...families].join(' ').toLowerCase();
}
