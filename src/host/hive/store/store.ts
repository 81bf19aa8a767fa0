import { VllmdError } from '../../../core/failure.ts';
import type { Catalogue } from '../../../core/hive/catalogue.ts';
import type { HealthSample } from '../../../core/hive/documents.ts';
import type { Change } from '../../../core/hive/registry/change.ts';
import { asError } from '../../as-error.ts';
import { migrate } from './migrate.ts';
import { readCatalogue } from './read-catalogue.ts';
import { type Database, openSqlite } from './sqlite.ts';
import { type HealthQuery, healthSamples, type Writer, writer } from './statements.ts';

/** What is registered, on a disk. */
export type Store = {
  /** As it is on the disk; roles are in a file of their own. */
  readonly read: () => Omit<Catalogue, 'roles'>;
  /** All of them, or none where it throws. */
  readonly write: (changes: readonly Change[]) => void;
  /** Latest first. */
  readonly health: (query: HealthQuery) => readonly HealthSample[];
  readonly removeHealth: (sampleId: string) => boolean;
  readonly close: () => void;
};

/** Throws where the file cannot be used, or another process uses it. */
export async function openStore(path: string): Promise<Store> {
  const database = await openSqlite(path);
  try {
    prepare(database, path);
    return storeOf(database, writer(database));
  } catch (error) {
    database.close();
    throw error instanceof VllmdError ? error : unusable(path, asError(error));
  }
}

function prepare(database: Database, path: string): void {
  // Two registries over one file would each know a half. The lock goes with its process, however that ends.
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  // A power cut can lose the last heartbeats, which come again, and breaks nothing.
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  const found = String(database.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw new Error(found);
  migrate(database, path);
}

function storeOf(database: Database, write: Writer): Store {
  const all = database.transaction((changes: readonly Change[]) => {
    for (const change of changes) write(change);
  });
  const health = healthSamples(database);
  const remove = database.prepare<[string]>('DELETE FROM health_samples WHERE sample_id = ?');
  return {
    read: () => readCatalogue(database),
    write: (changes) => void all.immediate(changes),
    health,
    removeHealth: (sampleId) => remove.run(sampleId).changes > 0,
    close: () => void database.close(),
  };
}

function unusable(path: string, cause: Error & { readonly code?: string }): VllmdError {
  if (cause.code === 'SQLITE_BUSY') {
    const message = `the database ${path} is in use by another process`;
    return new VllmdError('locked', message, 'one `vllmd hive serve` at a time has it', { cause });
  }
  const message = `the database ${path} cannot be used: ${cause.message}`;
  const hint =
    'move it away, with its -wal file beside it: hosts register again by themselves, measurements are ingested again';
  return new VllmdError('runtime', message, hint, { cause });
}
