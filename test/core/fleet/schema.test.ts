import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../../schemas/runtimes-json.schema.json' with { type: 'json' };
import { type Field, type Fields, fieldsOf, sections } from '../../../src/core/fleet/shape.ts';
import {
  anyRuntimes,
  backendPart,
  contractFiles,
  fleetProblems,
  hostPart,
  modelPart,
  runtimesPart,
} from '../../support/runtimes.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** What a schema can say of single values. */
const ofValues: ReadonlySet<string> = new Set([
  ...['fleet-type', 'fleet-schema-version', 'fleet-unknown-key', 'fleet-secret-reference'],
  ...['fleet-id', 'fleet-choice', 'fleet-policy', 'fleet-port', 'fleet-time-span'],
  ...['fleet-env-name', 'fleet-empty-command', 'fleet-empty-secret', 'fleet-ssh-destination'],
]);

/** What is wrong with single values. A NUL or half of a character may be in no text at all, which is no rule of a key. */
function wrongValues(text: string): readonly string[] {
  return fleetProblems(text)
    .filter(({ severity }) => severity === 'error')
    .filter(
      ({ rule, message }) =>
        ofValues.has(rule) || (rule === 'fleet-character' && message.includes('a line end')),
    )
    .map(({ message }) => message);
}

test('an editor finds wrong what the checks find wrong with single values, and nothing else', () => {
  fc.assert(
    fc.property(anyRuntimes, (document) => {
      const text = JSON.stringify(document) ?? 'null';
      const isRight = wrongValues(text).length === 0;
      expect([isRight, text]).toEqual([validate(JSON.parse(text)), text]);
    }),
    { numRuns: 3000 },
  );
});

/** At the edges of what is a length, a form or a range somewhere. */
const edges: readonly unknown[] = [
  ...[null, true, {}, [], ['lab'], [''], [1], { A: 'x' }, { A: 1 }, { '1A': 'x' }, { 'A B': 'x' }],
  ...['', ' ', '\t', 'any', 'ssh', 'local', 'cuda', 'x', 'X', '-x', 'x-', 'x y', 'a@b', 'é'],
  ...['a\nb', 'a\rb', 'a\n', '\na', 'a\u0085b', 'a\u0000b', 'a\u00a0b', '~/.ssh/id', '[::1]'],
  ...['a'.repeat(64), 'a'.repeat(65)],
  ...[-1, 0, 0.5, 1, 80.5, 65_535, 65_536, 2_147_483, 2_147_484, 2_147_483_647, 2_147_483_648],
];

const parts = { hosts: hostPart, backends: backendPart, models: modelPart };
const keys = sections.flatMap((section) =>
  pathsOf(fieldsOf[section]).map((path) => [section, path] as const),
);

test.each(keys)('an editor and the checks agree on every value of %s: %j', (section, path) => {
  for (const value of edges) {
    const entry = withValue(parts[section](), path, value);
    const text = JSON.stringify(runtimesPart({ [section]: [entry] }));
    const told = wrongValues(text);
    expect([validate(JSON.parse(text)), value, told]).toEqual([told.length === 0, value, told]);
  }
});

/** Of every key, and of those below it. */
function pathsOf(fields: Fields): readonly (readonly string[])[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const below = field.kind === 'object' ? pathsOf(field.fields) : [];
    return [[key], ...below.map((path) => [key, ...path])];
  });
}

function withValue(
  whole: Readonly<Record<string, unknown>>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const inner = whole[key];
  const isObject = typeof inner === 'object' && inner !== null;
  const below = isObject ? Object.fromEntries(Object.entries(inner)) : {};
  return { ...whole, [key]: rest.length === 0 ? value : withValue(below, rest, value) };
}

test('an editor finds nothing wrong with the files of the contract', () => {
  for (const text of contractFiles) expect(validate(JSON.parse(text))).toBe(true);
});

type Described = {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Described>>;
};

test('the schema has the keys of the checks, each described, and requires the same ones', () => {
  const { host, backend, model } = schema.definitions;
  const described = { hosts: host, backends: backend, models: model };
  for (const section of sections) expectSame(described[section], fieldsOf[section]);
});

function expectSame({ properties = {}, required = [] }: Described, fields: Fields): void {
  expect(Object.keys(properties)).toEqual(Object.keys(fields));
  const needed = Object.entries(fields).filter(([, field]) => field.isOptional !== true);
  expect(required).toEqual(needed.map(([key]) => key));
  for (const [key, field] of Object.entries(fields)) {
    expect(properties[key]?.description).toMatch(/^\S/);
    expectObject(properties[key] ?? {}, field);
  }
}

function expectObject(described: Described, field: Field): void {
  if (field.kind === 'object') expectSame(described, field.fields);
}
