import type { Json } from '../../src/core/hive/documents.ts';
import type { Field, Fields, ObjectShape } from '../../src/core/hive/read/field.ts';
import { type DocumentType, documentTypes } from '../../src/core/hive/read/read-document.ts';
import { tables } from '../../src/core/hive/read/tables.ts';

type Tree = Readonly<Record<string, Json>>;

/** A document of each type with every key of its table, none of which has its default. */
export function wholeDocument(type: DocumentType): Tree {
  return wholeObject(tables[type]);
}

/** With the keys alone that have to be there. */
export function leastDocument(type: DocumentType): Tree {
  return leastObject(tables[type]);
}

/** Types that have a schema: a heartbeat is no file. */
export const fileTypes = documentTypes.filter((type) => type !== 'heartbeat');

function wholeObject({ fields, isOpen }: ObjectShape): Tree {
  const known = Object.entries(fields).map(([key, field]) => [key, wholeValue(field)]);
  return { ...Object.fromEntries(known), ...(isOpen === true ? { of_its_own: [1] } : {}) };
}

function leastObject({ fields }: ObjectShape): Tree {
  const required = Object.entries(fields).filter(
    ([, { default: value, isOptional }]) => value === undefined && isOptional !== true,
  );
  return Object.fromEntries(
    required.map(([key, field]) => [
      key,
      field.kind === 'object' ? leastObject(field) : wholeValue(field),
    ]),
  );
}

const samples = {
  boolean: true,
  endpoint: 'http://10.0.0.1:8000/base',
  id: 'h1/chat/one',
  integer: 3,
  json: { any: [null, 'thing'] },
  line: 'one line',
  'line-or': 'one line',
  map: { key: { deeper: [1, 'two', null] } },
  number: 1.5,
  template: 'Say it again: {{ user_input }}',
  text: 'some\ntext',
  'texts-by-name': { site: 'lab' },
  time: '2026-04-05T15:30:00Z',
} as const satisfies Readonly<Record<string, Json>>;

function wholeValue(field: Field): Json {
  if (field.kind === 'object') return wholeObject(field);
  if (field.kind === 'list') return [wholeValue(field.of)];
  if (field.kind === 'choice') return field.values.at(-1) ?? '';
  return samples[field.kind];
}

/** Every key of a document and of what is below it, 0 for the first of a list. */
export function pathsOf(fields: Fields): readonly (readonly (string | 0)[])[] {
  return Object.entries(fields).flatMap(([key, field]) =>
    [[], ...innerPaths(field)].map((path) => [key, ...path]),
  );
}

function innerPaths(field: Field): readonly (readonly (string | 0)[])[] {
  if (field.kind === 'object') return pathsOf(field.fields);
  if (field.kind !== 'list') return [];
  return [[0], ...innerPaths(field.of).map((path) => [0 as const, ...path])];
}

/** The same with another value at a path; undefined takes the key away. */
export function withValue(whole: Json, path: readonly (string | 0)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (key === 0) {
    const [first = null, ...others] = Array.isArray(whole) ? whole : [];
    return [withValue(first, rest, value), ...others];
  }
  const tree = typeof whole === 'object' && !Array.isArray(whole) ? { ...whole } : {};
  return { ...tree, [key]: withValue((tree as Tree)[key] ?? null, rest, value) };
}
