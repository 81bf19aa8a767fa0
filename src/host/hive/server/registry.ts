import type { Catalogue } from '../../../core/hive/catalogue.ts';
import type { RoleDocument } from '../../../core/hive/documents.ts';
import type { Change } from '../../../core/hive/registry/change.ts';
import type { Step } from '../../../core/hive/registry/nodes.ts';
import type { Refusal } from '../../../core/hive/registry/refusal.ts';
import type { Store } from '../store/store.ts';
import { detail } from './http-problem.ts';
import type { Outside } from './outside.ts';

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
  { now, tell }: Outside,
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
      writeOrRefuse(store, done.changes, tell);
      catalogue = done.catalogue;
      return undefined;
    },
    nowS,
    store,
  };
}

/** A full disk is no reason to end: what is registered is still there, and requests go to it. */
function writeOrRefuse(store: Store, changes: readonly Change[], tell: Outside['tell']): void {
  try {
    store.write(changes);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    tell(`error: the database cannot be written, and nothing new is registered: ${error.message}`);
    throw detail(503, 'the database of the registry cannot be written', { 'retry-after': '30' });
  }
}

function isSqliteError(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_');
}
