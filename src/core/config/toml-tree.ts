import { pointer } from '../diagnostic.ts';

/** A parsed file: what JSON can hold, plus scalars that only TOML has. */
export type TomlTree = { readonly [key: string]: TomlValue };

export type TomlValue = string | number | boolean | TomlScalar | readonly TomlValue[] | TomlTree;

/**
 * A value JSON Schema has no type for. It is a function because a function matches no schema type at
 * all: the float `8.0` must not pass as the integer 8, nor a date as a table.
 */
export type TomlScalar = () => {
  readonly kind: 'float' | 'date' | 'integer';
  readonly text: string;
};

export function isScalar(value: unknown): value is TomlScalar {
  return typeof value === 'function';
}

export function isTable(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every string of a tree with its place as a JSON pointer. */
export function stringsOf(
  value: unknown,
  at: string,
): readonly { readonly at: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ at, text: value }];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => stringsOf(item, at + pointer(index)));
  }
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => stringsOf(item, at + pointer(key)));
}

/** The entry itself, never one inherited from Object. */
export function entryOf(table: unknown, key: string): unknown {
  return isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined;
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
