import type { Catalogue } from '../../../core/hive/catalogue.ts';
import { roleCollisions } from '../../../core/hive/role-collisions.ts';

/** Tells of each role once that gets nothing because something else has its name. */
export function collisionTeller(
  catalogue: () => Catalogue,
  tell: (text: string) => void,
): () => void {
  const told = new Set<string>();
  return () => {
    for (const { role_id, with: what, service_ids } of roleCollisions(catalogue())) {
      const owner = `${what === 'asset' ? 'an asset of' : 'the service'} ${service_ids.join(', ')}`;
      const text = `warning: the role ${JSON.stringify(role_id)} has the name of ${owner}, and requests by that name go there; give the role another one`;
      if (!told.has(text)) tell(text);
      told.add(text);
    }
  };
}
