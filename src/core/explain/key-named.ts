import type { ConfigInput } from '../config/config-input.gen.ts';
import { nearest } from '../config/nearest.ts';
import {
  hasKey,
  heading,
  keysOf,
  schemaKey,
  type TableName,
  tableAt,
  tableNames,
} from '../config/schema-keys.ts';
import { arrayOf } from '../config/toml-tree.ts';
import { keyPath, pointer, pointerSegments } from '../diagnostic.ts';
import { valueAt } from './config-tree.ts';

/** Pointers that a spelling of a key means, or why it means none; undefined where it looks like no key at all. */
export type NamedKey =
  | { readonly kind: 'pointers'; readonly pointers: readonly string[] }
  | { readonly kind: 'problem'; readonly message: string; readonly help: string };

/**
 * `runtimes[0].memory_gb`, `runtimes.0.memory_gb`, `/runtimes/0/memory_gb`, `runtimes[name=web].memory_gb`,
 * `runtimes[index=3].cpus`, `runtimes.cpus` for that key of all of them, and tables: `network`.
 */
export function keyNamed(text: string, input: ConfigInput): NamedKey | undefined {
  const segments = segmentsOf(text);
  const [first, ...rest] = segments ?? [];
  if (first === undefined) return undefined;
  // Any other is a path of the host.
  if (text.startsWith('/') && !hasKey('', first)) return undefined;
  if (first !== 'runtimes') return inTable(first, rest, input);
  return inRuntimes(text, rest, input);
}

/** undefined: nobody writes a key like this. */
function segmentsOf(text: string): readonly string[] | undefined {
  if (text.startsWith('/')) return pointerSegments(text);
  const parts = text.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
  // What is left besides the parts are the dots between them.
  if (!/^\.*$/.test(parts.reduce((rest, part) => rest.replace(part, ''), text))) return undefined;
  return parts.map((part) => part.replace(/^\[(.*)\]$/, '$1'));
}

function inTable(first: string, rest: readonly string[], input: ConfigInput): NamedKey | undefined {
  if (!isTable(first)) {
    if (rest.length === 0 && hasKey('', first)) return found([pointer(first)]);
    return rest.length === 0
      ? (bareKey(first) ?? unknownTable(first, rest))
      : unknownTable(first, rest);
  }
  const [key, ...items] = rest;
  if (key === undefined) return found([pointer(first)]);
  if (!hasKey(first, key)) return unknownKey(first, key);
  return atItem(pointer(first, key), items, input);
}

function inRuntimes(text: string, rest: readonly string[], input: ConfigInput): NamedKey {
  const runtimes = input.runtimes ?? [];
  const [which, ...below] = rest;
  if (which === undefined) return found([pointer('runtimes')]);
  if (hasKey('runtimes', which)) {
    if (runtimes.length === 0) return noRuntime(text, input);
    return inEach(runtimes.map((_, at) => atItem(pointer('runtimes', at, which), below, input)));
  }
  const positions = positionsOf(which, input);
  if (positions.length === 0) return noRuntime(text, input, which);
  const [key, ...items] = below;
  if (key === undefined) return found(positions.map((at) => pointer('runtimes', at)));
  if (!hasKey('runtimes', key)) return unknownKey('runtimes', key);
  const [only = 0] = positions;
  return atItem(pointer('runtimes', only, key), items, input);
}

function noRuntime(text: string, { runtimes = [] }: ConfigInput, which?: string): NamedKey {
  const known = runtimes.map(
    ({ index, name }, at) => `runtimes[${at}] is "${name}", index ${index}`,
  );
  return {
    kind: 'problem',
    message: `${text}: the config has no runtimes${which === undefined ? '' : `[${which}]`}`,
    help: known.length === 0 ? 'it has no [[runtimes]] at all' : known.join('; '),
  };
}

/** Of those that have it; where none has, what is wrong with the first. */
function inEach(all: readonly NamedKey[]): NamedKey {
  const pointers = all.flatMap((one) => (one.kind === 'pointers' ? one.pointers : []));
  return pointers.length === 0 && all[0] !== undefined ? all[0] : found(pointers);
}

/** `0`, `name=web`, `index=3`: both are unique in a config. */
function positionsOf(which: string, { runtimes = [] }: ConfigInput): readonly number[] {
  const [, key, value = ''] = /^(name|index)=["']?(.*?)["']?$/.exec(which) ?? [];
  return runtimes.flatMap((runtime, at) => {
    const isMeant =
      key === undefined
        ? which === String(at)
        : String(key === 'name' ? runtime.name : runtime.index) === value;
    return isMeant ? [at] : [];
  });
}

/** An item of a list, which must be there, or a key of a table within another. */
function atItem(place: string, items: readonly string[], input: ConfigInput): NamedKey {
  const [item, ...more] = items;
  if (item === undefined) return found([place]);
  const at = place + pointer(item);
  const table = tableAt(place);
  if (table === schemaKey(place)) {
    return hasKey(table, item) ? atItem(at, more, input) : unknownKey(table, item);
  }
  if (more.length === 0 && valueAt(input, at) !== undefined) return found([at]);
  const value = valueAt(input, place);
  const count = arrayOf(value).length;
  const isList = value === undefined || Array.isArray(value);
  return {
    kind: 'problem',
    message: `${keyPath(place)} has no item ${item}`,
    help: !isList
      ? 'it is no list'
      : count === 0
        ? 'it is empty'
        : `it has ${count}, counted from 0`,
  };
}

function found(pointers: readonly string[]): NamedKey {
  return { kind: 'pointers', pointers };
}

function isTable(name: string): name is TableName {
  return name !== '' && tableNames.some((table) => table === name);
}

/** A key without its table. */
function bareKey(key: string): NamedKey | undefined {
  const tables = tableNames.filter(
    (table) => table !== '' && !table.includes('.') && hasKey(table, key),
  );
  if (tables.length === 0) return undefined;
  const paths = tables.map((table) => `${table}.${key}`);
  return {
    kind: 'problem',
    message: `${key} is a key of ${tables.map(heading).join(' and ')}`,
    help: `write ${paths.join(' or ')}`,
  };
}

/** With a key that the other table has; else it is rather the name of a file. */
function unknownTable(name: string, [key]: readonly string[]): NamedKey | undefined {
  const meant = nearest(
    name,
    tableNames.filter((table) => table !== ''),
  );
  if (meant === undefined || !isTable(meant)) return undefined;
  if (key !== undefined && meant !== 'runtimes' && !hasKey(meant, key)) return undefined;
  return {
    kind: 'problem',
    message: `there is no table ${name} in a config`,
    help: `did you mean ${meant}?`,
  };
}

function unknownKey(table: TableName, key: string): NamedKey {
  const meant = nearest(key, keysOf(table));
  return {
    kind: 'problem',
    message: `${table} has no key ${key}`,
    help: meant === undefined ? `it has ${keysOf(table).join(', ')}` : `did you mean ${meant}?`,
  };
}
