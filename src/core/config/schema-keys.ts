import { pointerSegments } from '../diagnostic.ts';
import { configKeys, configSensitive, configSince, configVersions } from './config-input.gen.ts';
import { secretOptions } from './sensitive-options.ts';

/** '' is the top of the file. */
export type TableName = keyof typeof configKeys;

export const newestVersion = Math.max(...configVersions);
/** Of a file that does not say. */
export const firstVersion = Math.min(...configVersions);

export const tableNames = Object.keys(configKeys).filter(isTableName);

function isTableName(name: string): name is TableName {
  return Object.hasOwn(configKeys, name);
}

export function keysOf(table: TableName): readonly string[] {
  return configKeys[table];
}

export function hasKey(table: TableName, key: string): boolean {
  return keysOf(table).includes(key);
}

/** The version that brought a key of a table; the table itself may be younger than its keys say. */
export function sinceOf(table: TableName, key: string): number {
  return configSince[table]?.[key] ?? firstVersion;
}

/** The version that brought a table: the youngest of it and those that it is in. */
export function sinceOfTable(table: TableName): number {
  const names = table.split('.');
  return Math.max(
    ...names.map((name, at) => configSince[names.slice(0, at).join('.')]?.[name] ?? firstVersion),
  );
}

/** `/runtimes/0` is in `runtimes`, and so is what is below but for a table of its own: `runtimes.llama`. */
export function tableAt(pointer: string): TableName {
  const names = schemaKey(pointer).split('.');
  const tables = names.map((_, at) => names.slice(0, names.length - at).join('.'));
  return tables.find(isTableName) ?? '';
}

/** `runtimes.mac` of `/runtimes/0/mac`, whatever the number of the runtime. */
export function schemaKey(pointer: string): string {
  return pointerSegments(pointer)
    .filter((segment) => !/^\d+$/.test(segment))
    .join('.');
}

/** The value at this place is masked wherever the config is shown. */
export function isSensitive(pointer: string): boolean {
  const segments = pointerSegments(pointer);
  if (segments[0] === 'instance') return isSensitiveOption(segments);
  const table = tableAt(pointer);
  const [key = ''] = schemaKey(pointer)
    .slice(table === '' ? 0 : table.length + 1)
    .split('.');
  return configSensitive[table]?.includes(key) ?? false;
}

/** Of a llama.cpp file: which words of `extra_args` are secrets, no place says. */
function isSensitiveOption(segments: readonly string[]): boolean {
  const at = segments.indexOf('server');
  const key = at < 0 ? undefined : segments[at + 1]?.replaceAll('_', '-');
  return key === 'extra-args' || (key !== undefined && secretOptions.has(key));
}

/** As a message calls it: `[boot]`. */
export function heading(table: TableName): string {
  if (table === '') return 'the top of the file';
  return table === 'runtimes' ? '[[runtimes]]' : `[${table}]`;
}
