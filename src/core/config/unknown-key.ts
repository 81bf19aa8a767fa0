import { visible } from '../control-characters.ts';
import { type Diagnostic, pointer } from '../diagnostic.ts';
import { nearest } from './nearest.ts';
import {
  hasKey,
  heading,
  keysOf,
  sinceOf,
  sinceOfTable,
  type TableName,
  tableAt,
  tableNames,
} from './schema-keys.ts';
import { keyName, shortened } from './show-value.ts';

/** A key that the table does not have, with the most likely reason, for a file of this version. */
export function unknownKey(
  tablePointer: string,
  key: string,
  version: number,
  what = 'unknown key',
): Diagnostic {
  const at = tablePointer + pointer(key);
  const { reason, help } = explain(tableAt(tablePointer), key, version);
  return {
    severity: 'error',
    rule: 'unknown-key',
    pointer: at,
    message: `${keyName(at)}: ${what}${reason === undefined ? '' : `; ${reason}`}`,
    help,
    mark: 'key',
  };
}

/** Whether a key is close to one that the table has, or belongs to another table: somebody meant that one. */
export function looksLikeSlip(tablePointer: string, key: string, version: number): boolean {
  return explain(tableAt(tablePointer), key, version).reason !== undefined;
}

type Explanation = { readonly reason?: string; readonly help: string };

function explain(table: TableName, key: string, version: number): Explanation {
  return (
    keyOfOtherTable(table, key, version) ??
    misspelled(table, key, version) ??
    keyOfTop(table, key) ?? { help: allowedKeys(table, version) }
  );
}

function keyOfOtherTable(table: TableName, key: string, version: number): Explanation | undefined {
  const owners = tableNames.filter(
    (other) => other !== '' && other !== table && hasKey(other, key),
  );
  if (owners.length === 0) return undefined;
  const known = owners.filter((owner) => versionFor(owner, key) <= version);
  const places = (known.length > 0 ? known : owners).map(heading).join(' or ');
  const need =
    known.length > 0 ? '' : needed(Math.min(...owners.map((owner) => versionFor(owner, key))));
  return {
    reason: `${key} belongs to ${places}`,
    help: `move it to ${places}${need}`,
  };
}

/** That has both the table and the key. */
function versionFor(table: TableName, key: string): number {
  return Math.max(sinceOfTable(table), sinceOf(table, key));
}

function needed(version: number): string {
  return `, which needs schema_version = ${version}`;
}

function misspelled(table: TableName, key: string, version: number): Explanation | undefined {
  const meant = nearest(key, keysOf(table));
  if (meant === undefined) return undefined;
  const since = sinceOf(table, meant);
  const need = since > version ? needed(since) : '';
  return {
    reason: `did you mean \`${meant}\`?`,
    help: `rename \`${shortened(visible(key))}\` to \`${meant}\`${need}`,
  };
}

function keyOfTop(table: TableName, key: string): Explanation | undefined {
  if (table === '' || !hasKey('', key)) return undefined;
  const other = tableNames.find((name) => name === key);
  if (other === undefined) {
    return {
      reason: `${key} belongs to ${heading('')}`,
      help: `move it to ${heading('')}`,
    };
  }
  return {
    reason: `${key} is a table of its own`,
    help: `write ${heading(other)}, and the keys below it`,
  };
}

function allowedKeys(table: TableName, version: number): string {
  const keys = keysOf(table).filter((key) => sinceOf(table, key) <= version);
  return `the keys of ${heading(table)} are ${keys.join(', ')}`;
}
