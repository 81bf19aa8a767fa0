import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Sqlite from 'better-sqlite3';
import { VllmdError } from '../../../core/failure.ts';
import { asError } from '../../as-error.ts';
import { embeddedDriver } from './embedded-driver.ts';

export type Database = Sqlite.Database;

/** The program that a bundle has beside it: compiled for one version of Node, and so no part of any script. */
const besideBundle = fileURLToPath(new URL('better_sqlite3.node', import.meta.url));

/** Whoever has it for longer has it for good. */
const BUSY_TIMEOUT_MS = 1_000;

/** A database in a file, or ':memory:'. Throws where this installation of vllmd has no SQLite, or the file is none. */
export async function openSqlite(path: string): Promise<Database> {
  const { default: Driver } = await loadDriver();
  try {
    const options = { timeout: BUSY_TIMEOUT_MS, ...(await compiledPart()) };
    // It takes what was loaded as well as a path, which its types do not say.
    return Reflect.construct(Driver, [path, options]);
  } catch (error) {
    throw asLoadFailure(asError(error), path);
  }
}

/** What the driver would not find itself. */
async function compiledPart(): Promise<{ readonly nativeBinding?: string | object }> {
  const nativeBinding = await embeddedDriver();
  if (nativeBinding !== undefined) return { nativeBinding };
  return existsSync(besideBundle) ? { nativeBinding: besideBundle } : {};
}

async function loadDriver(): Promise<{ readonly default: typeof Sqlite }> {
  try {
    return await import('better-sqlite3');
  } catch (error) {
    throw withoutSqlite(asError(error));
  }
}

function asLoadFailure(error: Error & { readonly code?: string }, path: string): VllmdError {
  if (error.code?.startsWith('SQLITE_') !== true && !(error instanceof TypeError)) {
    return withoutSqlite(error);
  }
  const message = `the database ${path} cannot be opened: ${error.message}`;
  const hint = 'its directory has to be there and be writable for the account that vllmd runs as';
  return new VllmdError('runtime', message, hint, { cause: error });
}

function withoutSqlite(cause: Error): VllmdError {
  const message = `the SQLite of vllmd cannot be used: ${reasonOf(cause)}`;
  const hint =
    'it is compiled for one version of Node.js: install the package vllmd-hive-sqlite, or from the sources a C++ compiler, make and python3, then run install.sh again with this node';
  return new VllmdError('runtime', message, hint, { cause });
}

function reasonOf({ message }: Error): string {
  if (message.includes('NODE_MODULE_VERSION'))
    return 'it was compiled for another version of Node.js';
  return message.split('\n', 1)[0] ?? '';
}
