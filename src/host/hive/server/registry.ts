import type { Catalogue } from '../../../core/hive/catalogue.ts';
import type { RoleDocument } from '../../../core/hive/documents.ts';
import type { Step } from '../../../core/hive/registry/nodes.ts';
import type { Refusal } from '../../../core/hive/registry/refusal.ts';
import type { Store } from '../store/store.ts';

/** What is registered now. A change is on the disk before anybody sees it. */
export type Registry = {
  readonly catalogue: () => Catalogue;
  /** What kept it from being made; undefined when it is. */
  readonly change: (step: (catalogue: Catalogue, nowS: number) => Step) => Refusal | undefined;
  readonly nowS: () => number;
  readonly store: Store;
};

export function registryOver(
  store: Store,
  roles: readonly RoleDocument[],
  now: () => number,
): Registry {
  const nowS = () => now() / 1000;
  const loadedAt = nowS();
  const rows = roles.map((role) => [role.role_id, { ...role, updated_at: loadedAt }] as const);
  let catalogue: Catalogue = { ...store.read(), roles: new Map(rows) };
  return {
    catalogue: () => catalogue,
    change: (step) => {
      const done = step(catalogue, nowS());
      if (!done.ok) return done.refusal;
      store.write(done.changes);
      catalogue = done.catalogue;
      return undefined;
    },
    nowS,
    store,
  };
}
