import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../../../src/core/hive/documents.ts';
import type { Field, Fields } from '../../../../src/core/hive/read/field.ts';
import {
  type DocumentType,
  readDocument,
  unwrapped,
} from '../../../../src/core/hive/read/read-document.ts';
import { tables } from '../../../../src/core/hive/read/tables.ts';
import {
  fileTypes,
  leastDocument,
  pathsOf,
  wholeDocument,
  withValue,
} from '../../../support/hive-documents.ts';

type Schema = Readonly<Record<string, unknown>>;

const schemas = new Map(
  fileTypes.map((type) => {
    const name = `schemas/hive/${type.replaceAll('_', '-')}.schema.json`;
    return [type, JSON.parse(readFileSync(name, 'utf8')) as Schema] as const;
  }),
);
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strict: false });
const validators = new Map<DocumentType, (value: unknown) => unknown>(
  [...schemas].map(([type, schema]) => [type, ajv.compile(schema)]),
);

/** What an editor thinks of a document, and what the registry thinks of the same file. */
function verdicts(type: DocumentType, value: unknown): readonly boolean[] {
  return [validators.get(type)?.(value) === true, readDocument(type, unwrapped(value, type)).ok];
}

// What a JSON Schema cannot say is not among these: the length of months, whether a URL has a host, other forms of a
// link-local address, a number too large to be kept, half of a surrogate pair, depth, the same service twice, and the
// wrapper key of another type.
const edges: readonly Json[] = [
  ...[null, true, false, [], {}, [null], [''], ['x'], [1], [{}], { a: 'x' }, { a: 1 }, { a: null }],
  ...[{ a: { b: ['\u0000'] } }, { 'a\u0000': 1 }, ['a\u0000']],
  ...[-1, 0, 0.5, 1, 2, 1.5, 1e20, 9_007_199_254_740_991, 9_007_199_254_740_992, -0.0],
  ...['', ' ', 'x', 'a\nb', 'a\u0000b', 'a\u0085b', 'a\u2028b', 'ä', '😀', 'x'.repeat(5000)],
  ...['1', ' 1 ', '1.0', '1.', '.5', '1.5', '-2', '+3', '1e3', '1E-3', 'e3', '.', '1_000', '0x10'],
  ...['nan', 'inf', 'yes', 'YES', 'No', 'on', 'OFF', 't', 'F', 'maybe', 'true ', 'True'],
  ...['chat', 'Chat', 'embeddings', 'prepend', 'available', 'service', 'role', 'path', 'healthy'],
  ...['{{ user_input }}', '{{user_input}}', '{{\tuser_input }} {{ user_input }}', '{ user_input }'],
  ...['http://h', 'https://h:1/a/', 'HTTP://h', 'ftp://h', 'http://', 'http:///a', 'http://u@h'],
  ...['http://h/a@b', 'http://h?q', 'http://h#f', 'http://h\\a', 'http:// h', 'http://169.254.1.1'],
  ...['2026-04-05T15:30:00Z', '2026-04-05 15:30z', '2026-04-05T15:30:00.25+09:00', '2026-04-05'],
  ...['2026-04-05T15:30:00', '2026-04-05T24:00:00Z', '2026-13-05T15:30:00Z', '2026-04-05T15:60Z'],
  ...['2026-04-05T15:30:00+0930', '2026-04-05T15:30:00-12', '2026-04-05T15:30:00+24:00'],
  ...['2026-00-05T15:30:00Z', '2026-04-00T15:30:00Z', '2026-04-32T15:30:00Z', '26-04-05T15:30Z'],
];

const keys = fileTypes.flatMap((type) =>
  pathsOf(tables[type].fields).map((path) => [type, path] as const),
);

test.each(keys)('an editor and the registry agree on every value of %s: %j', (type, path) => {
  const whole = wholeDocument(type);
  for (const value of [undefined, ...edges]) {
    const text = JSON.stringify(withValue(whole, path, value));
    const [editor, registry] = verdicts(type, JSON.parse(text));
    expect([editor, text]).toEqual([registry, text]);
  }
});

test.each(fileTypes)('an editor and the registry agree on any document of type %s', (type) => {
  const paths = [[], ...pathsOf(tables[type].fields)];
  const change = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(undefined, ...edges));
  const begin = fc.constantFrom<Json>(wholeDocument(type), leastDocument(type));
  fc.assert(
    fc.property(
      begin,
      fc.array(change, { maxLength: 4 }),
      fc.boolean(),
      (whole, changes, wraps) => {
        const changed = changes.reduce<unknown>(
          (value, [path, edge]) => withValue((value ?? null) as Json, path, edge),
          whole,
        );
        const text = JSON.stringify((wraps ? { [type]: changed } : changed) ?? null);
        const [editor, registry] = verdicts(type, JSON.parse(text));
        expect([editor, text]).toEqual([registry, text]);
      },
    ),
    { numRuns: 300 },
  );
});

test.each(fileTypes)('the schema of %s describes every key, with its default', (type) => {
  const schema = schemas.get(type) ?? {};
  const definitions = schema['definitions'] as Readonly<Record<string, Schema>>;
  expect(schema['$id']).toBe(`urn:vllmd:hive-${type.replaceAll('_', '-')}:1`);
  expectDescribed(tables[type].fields, definitions[type] ?? {}, type);
});

function expectDescribed(fields: Fields, schema: Schema, at: string): void {
  const properties = schema['properties'] as Readonly<Record<string, Schema>>;
  expect([at, Object.keys(properties)]).toEqual([at, Object.keys(fields)]);
  for (const [key, field] of Object.entries(fields)) {
    const property = properties[key] ?? {};
    const where = `${at}.${key}`;
    if (!at.endsWith('.role') && !at.endsWith('.service')) {
      expect([where, typeof property['description']]).toEqual([where, 'string']);
    }
    expect([where, property['default']]).toEqual([where, field.default]);
    expectInnerDescribed(field, property, where);
  }
}

function expectInnerDescribed(field: Field, property: Schema, at: string): void {
  const [first] = (property['anyOf'] as readonly Schema[] | undefined) ?? [property];
  if (field.kind === 'object') expectDescribed(field.fields, first ?? {}, at);
  if (field.kind === 'list') expectInnerDescribed(field.of, property['items'] as Schema, at);
}

test('an editor and the registry find nothing wrong with the documents of the contract', () => {
  const files = readdirSync('fixtures/hive-documents');
  expect(files).toHaveLength(fileTypes.length);
  for (const file of files) {
    const type = fileTypes.find((one) => `${one.replaceAll('_', '-')}.yaml` === file);
    const value: unknown = parse(readFileSync(`fixtures/hive-documents/${file}`, 'utf8'));
    if (type === undefined) throw new Error(`${file} is of no type`);
    expect([file, ...verdicts(type, value)]).toEqual([file, true, true]);
    expect([file, ...verdicts(type, unwrapped(value, type))]).toEqual([file, true, true]);
    expect(schemas.get(type)?.['examples']).toEqual([value]);
  }
});
