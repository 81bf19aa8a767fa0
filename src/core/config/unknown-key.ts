import { visible } from '../control-characters.ts';
import { type Diagnostic, pointer, pointerSegments } from '../diagnostic.ts';
import { configKeys } from './config-input.gen.ts';
import { nearest } from './nearest.ts';
import { keyName, shortened } from './show-value.ts';
import { version2Keys } from './version-2-keys.ts';

type TableName = keyof typeof configKeys;

const TABLES: readonly TableName[] = ['', 'global', 'runtimes', 'network'];

/** A key that the table does not have, with the most likely reason. */
export function unknownKey(tablePointer: string, key: string): Diagnostic {
  const at = tablePointer + pointer(key);
  const table = tableAt(tablePointer);
  const { message, help } = explain(table, key);
  return {
    severity: 'error',
    rule: 'unknown-key',
    pointer: at,
    message: `${keyName(at)}: ${message}`,
    help,
    mark: 'key',
  };
}

function tableAt(tablePointer: string): TableName {
  const [first] = pointerSegments(tablePointer);
  return TABLES.find((table) => table === first) ?? '';
}

type Explanation = { readonly message: string; readonly help: string };

function explain(table: TableName, key: string): Explanation {
  if (version2Keys[table].includes(key)) {
    return {
      message: 'needs schema_version 2, which this version of vllmd does not support yet',
      help: `remove it; ${allowedKeys(table)}`,
    };
  }
  const owner = TABLES.find((other) => other !== table && hasKey(other, key));
  if (owner !== undefined) {
    return {
      message: `unknown key; ${key} belongs to ${heading(owner)}`,
      help: `move it to ${heading(owner)}`,
    };
  }
  const meant = nearest(key, keysOf(table));
  if (meant === undefined) return { message: 'unknown key', help: allowedKeys(table) };
  return {
    message: `unknown key; did you mean \`${meant}\`?`,
    help: `rename \`${shortened(visible(key))}\` to \`${meant}\``,
  };
}

function keysOf(table: TableName): readonly string[] {
  return configKeys[table];
}

function hasKey(table: TableName, key: string): boolean {
  return keysOf(table).includes(key);
}

function allowedKeys(table: TableName): string {
  return `the keys of ${heading(table)} are ${keysOf(table).join(', ')}`;
}

function heading(table: TableName): string {
  if (table === '') return 'the top of the file';
  return table === 'runtimes' ? '[[runtimes]]' : `[${table}]`;
}
