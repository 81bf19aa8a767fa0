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

/** A string of a tree with its place as a JSON pointer. */
type PlacedText = { readonly at: string; readonly text: string };

/** Several rules look at the strings of one tree. */
const strings = new WeakMap<object, readonly PlacedText[]>();

/** Every string of a tree. */
export function stringsOf(tree: object): readonly PlacedText[] {
  const known = strings.get(tree);
  if (known !== undefined) return known;
  const found: PlacedText[] = [];
  collectStrings(tree, '', found);
  strings.set(tree, found);
  return found;
}

function collectStrings(value: unknown, at: string, found: PlacedText[]): void {
  if (typeof value === 'string') found.push({ at, text: value });
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collectStrings(item, at + pointer(index), found);
  } else if (isTable(value)) {
    for (const [key, item] of Object.entries(value)) {
      collectStrings(item, at + pointer(key), found);
    }
  }
}

/** The entry itself, never one inherited from Object. */
export function entryOf(table: unknown, key: string): unknown {
  return isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined;
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
