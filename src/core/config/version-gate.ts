import { type Diagnostic, pointer } from '../diagnostic.ts';
import { firstVersion, sinceOf, type TableName, tableNames } from './schema-keys.ts';
import { keyName, showTyped } from './show-value.ts';
import { arrayOf, entryOf, isTable, type TomlTree } from './toml-tree.ts';

/** The version that a file says it has. */
export function versionOf(tree: TomlTree): unknown {
  return entryOf(tree, 'schema_version') ?? firstVersion;
}

/** A file of a version that this program does not know means other things by its keys. */
export function versionProblem(tree: TomlTree, known: readonly number[]): Diagnostic | undefined {
  const version = versionOf(tree);
  if (known.some((one) => one === version)) return undefined;
  const newest = Math.max(...known);
  const isNewer = typeof version === 'number' && version > newest;
  return {
    severity: 'error',
    rule: 'schema-version',
    pointer: '/schema_version',
    message: isNewer
      ? `schema_version: ${version} is newer than version ${newest}, the newest this vllmd knows`
      : `schema_version: must be the integer ${known.join(' or ')}, got ${showTyped(version)}`,
    help: isNewer
      ? 'install a newer vllmd'
      : `write schema_version = ${newest}; a file without it is version ${firstVersion}`,
  };
}

/** Each key that came with a later version than the file has. */
export function newerKeys(tree: TomlTree, version: number): readonly Diagnostic[] {
  return tableNames.flatMap((table) =>
    placesOf(tree, table).flatMap(({ at, value }) =>
      Object.keys(value)
        .filter((key) => sinceOf(table, key) > version)
        .map((key) => newerKey(at + pointer(key), sinceOf(table, key), version)),
    ),
  );
}

function newerKey(at: string, since: number, version: number): Diagnostic {
  return {
    severity: 'error',
    rule: `needs-version-${since}`,
    pointer: at,
    message: `${keyName(at)}: needs schema_version = ${since}, this file is version ${version}`,
    help: '`vllmd migrate` rewrites the file',
    mark: 'key',
  };
}

type Place = { readonly at: string; readonly value: object };

/** Where a table stands in the file: nowhere, once, or as often as there are runtimes. */
function placesOf(tree: TomlTree, table: TableName): readonly Place[] {
  if (table === '') return [{ at: '', value: tree }];
  const value = entryOf(tree, table);
  if (isTable(value)) return [{ at: pointer(table), value }];
  return arrayOf(value).flatMap((item, index) =>
    isTable(item) ? [{ at: pointer(table, index), value: item }] : [],
  );
}
