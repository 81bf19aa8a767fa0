import { VllmdError } from '../../../core/failure.ts';
import { migrations } from './migrations.ts';
import type { Database } from './sqlite.ts';

/** Brings a database to the newest version. One of a newer vllmd is left as it is. */
export function migrate(database: Database, path: string): void {
  const version = versionOf(database);
  if (version > migrations.length) {
    const message = `the database ${path} has version ${version}; this vllmd knows ${migrations.length}`;
    throw new VllmdError(
      'runtime',
      message,
      'a newer vllmd wrote it: use that one, or another file',
    );
  }
  for (const [at, sql] of migrations.entries()) {
    if (at < version) continue;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${at + 1}`);
    })();
  }
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
