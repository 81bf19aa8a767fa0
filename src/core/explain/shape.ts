import { arrayOf, isTable } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';

/** What the schema says that a key may hold. */
export type Shape =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'choice'; readonly values: readonly unknown[] }
  | { readonly kind: 'text'; readonly pattern: RegExp }
  | { readonly kind: 'list'; readonly items: Shape };

export type KeyShape = {
  /** Of a table within the table it has two parts: `llama.config`. */
  readonly key: string;
  readonly shape: Shape;
  /** undefined: none. */
  readonly fallback: unknown;
  readonly isRequired: boolean;
  /** What goes where the key is left out: itself, or the table that it is the point of; '' is the table it stands in. */
  readonly goesWith: string;
  /** Of a list of tables: the key of a table that says it for all of them, as `global.default_cpus` does for `cpus`. */
  readonly general?: { readonly pointer: string; readonly fallback: unknown } | undefined;
};

/** A table of the config with its keys; '' is the top of the file. `isList`: it may stand there several times. */
export type TableShape = {
  readonly table: string;
  readonly isList: boolean;
  readonly keys: readonly KeyShape[];
};

/** Every key of the JSON Schema of the config, by table. */
export function shapesOf(schema: unknown): readonly TableShape[] {
  const properties = Object.entries(partOf(schema, 'properties'));
  const required = arrayOf(partOf(schema, '')['required']);
  const tables = properties.flatMap(([name, property]) => {
    const items = partOf(property, 'items');
    if (items['type'] === 'object') return [tableShape(name, items, true)];
    if (partOf(property, '')['type'] !== 'object') return [];
    const shape = tableShape(name, property, false);
    return [required.includes(name) ? shape : withPoint(shape)];
  });
  const names = new Set(tables.map(({ table }) => table));
  const { keys } = tableShape('', schema, false, (name) => !names.has(name));
  const lone = tables.filter(({ isList }) => !isList);
  return [{ table: '', isList: false, keys }, ...tables.map((table) => withGeneral(table, lone))];
}

/** JSON pointer of a table; '' is the top of the file. */
export function tablePointer(table: string): string {
  return table === '' ? '' : pointer(table);
}

function withGeneral(shape: TableShape, lone: readonly TableShape[]): TableShape {
  if (!shape.isList) return shape;
  const keys = shape.keys.map((own) => ({ ...own, general: generalOf(own.key, lone) }));
  return { ...shape, keys };
}

function generalOf(name: string, lone: readonly TableShape[]): KeyShape['general'] {
  const [found] = lone.flatMap(({ table, keys }) =>
    keys
      .filter(({ key }) => key === name || key === `default_${name}`)
      .map(({ key, fallback }) => ({ pointer: tablePointer(table) + pointer(key), fallback })),
  );
  return found;
}

/** A table that need not be there goes with what it must have. */
function withPoint(shape: TableShape): TableShape {
  const keys = shape.keys.map((key) =>
    key.isRequired ? { ...key, isRequired: false, goesWith: '' } : key,
  );
  return { ...shape, keys };
}

function tableShape(
  table: string,
  node: unknown,
  isList: boolean,
  isKey: (name: string) => boolean = () => true,
): TableShape {
  const required = arrayOf(partOf(node, '')['required']);
  const keys = Object.entries(partOf(node, 'properties'))
    .filter(([key]) => isKey(key))
    .flatMap(([key, property]) =>
      partOf(property, '')['type'] === 'object'
        ? keysWithin(key, property)
        : [keyShape(key, property, required.includes(key))],
    );
  return { table, isList, keys };
}

function keyShape(key: string, property: unknown, isRequired: boolean): KeyShape {
  const node = partOf(property, '');
  return { key, shape: shapeOf(node), fallback: node['default'], isRequired, goesWith: key };
}

/** Of a table that need not be there, and that no table is in. */
function keysWithin(table: string, node: unknown): readonly KeyShape[] {
  const required = arrayOf(partOf(node, '')['required']);
  return Object.entries(partOf(node, 'properties')).map(([key, property]) => ({
    ...keyShape(`${table}.${key}`, property, false),
    goesWith: required.includes(key) ? table : `${table}.${key}`,
  }));
}

/** JSON pointer of a key, from its table on. */
export function keyPointer(key: string): string {
  return key === '' ? '' : pointer(...key.split('.'));
}

function shapeOf(node: { readonly [key: string]: unknown }): Shape {
  const { type, enum: values, minimum, maximum, pattern, items } = node;
  if (Array.isArray(values)) return { kind: 'choice', values };
  if (type === 'boolean') return { kind: 'boolean' };
  if (type === 'array') return { kind: 'list', items: shapeOf(partOf(items, '')) };
  if (type === 'integer') {
    return { kind: 'integer', minimum: Number(minimum), maximum: Number(maximum) };
  }
  if (type === 'string') {
    return { kind: 'text', pattern: new RegExp(typeof pattern === 'string' ? pattern : '', 'u') };
  }
  throw new TypeError(
    `a key of the schema has the type ${String(type)}, which explain does not know`,
  );
}

/** A part of a node, or with '' the node itself; an empty one where there is none. */
function partOf(node: unknown, name: string): { readonly [key: string]: unknown } {
  const part = name === '' || !isTable(node) ? node : node[name];
  return isTable(part) ? part : {};
}
