import { type Diagnostic, pointer } from '../diagnostic.ts';
import { pastedWord } from '../shell-word.ts';
import { nearest } from './nearest.ts';
import {
  firstVersion,
  hasKey,
  keysOf,
  sinceOf,
  type TableName,
  tableNames,
} from './schema-keys.ts';
import { keyName, showTyped } from './show-value.ts';
import { arrayOf, entryOf, isTable, type TomlTree } from './toml-tree.ts';

const VERSION = 'schema_version';

/** The version that a file says it has. */
export function versionOf(tree: TomlTree): unknown {
  return entryOf(tree, VERSION) ?? firstVersion;
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

/** A file that says its version under a name that is nearly the right one; keys of a later version are no mistake then. */
export function hasMisspelledVersion(tree: TomlTree): boolean {
  if (entryOf(tree, VERSION) !== undefined) return false;
  return Object.keys(tree).some((key) => !hasKey('', key) && nearest(key, keysOf('')) === VERSION);
}

/** Each key that came with a later version than the file, of this name, has. */
export function newerKeys(
  tree: TomlTree,
  version: number,
  file: string | undefined,
): readonly Diagnostic[] {
  const migrate = ['vllmd migrate', ...(file === undefined ? [] : [pastedWord(file)])].join(' ');
  return tableNames.flatMap((table) =>
    placesOf(tree, table).flatMap(({ at, value }) =>
      Object.keys(value)
        .filter((key) => sinceOf(table, key) > version)
        .map((key) =>
          newerKey(at + pointer(key), { since: sinceOf(table, key), version, migrate }),
        ),
    ),
  );
}

type Gate = { readonly since: number; readonly version: number; readonly migrate: string };

function newerKey(at: string, { since, version, migrate }: Gate): Diagnostic {
  return {
    severity: 'error',
    rule: `needs-version-${since}`,
    pointer: at,
    message: `${keyName(at)}: needs schema_version = ${since}, this file is version ${version}`,
    help: `\`${migrate}\` rewrites the file`,
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
