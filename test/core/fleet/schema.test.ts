import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../../schemas/runtimes-json.schema.json' with { type: 'json' };
import { type Field, type Fields, fieldsOf, sections } from '../../../src/core/fleet/shape.ts';
import { anyRuntimes, contractFiles, fleetProblems } from '../../support/runtimes.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** What a schema can say of single values. */
const ofValues: ReadonlySet<string> = new Set([
  ...['fleet-type', 'fleet-schema-version', 'fleet-unknown-key', 'fleet-secret-reference'],
  ...['fleet-id', 'fleet-choice', 'fleet-policy', 'fleet-port', 'fleet-time-span'],
  ...['fleet-env-name', 'fleet-empty-command'],
]);

test('an editor finds wrong what the checks find wrong with single values, and nothing else', () => {
  fc.assert(
    fc.property(anyRuntimes, (document) => {
      const text = JSON.stringify(document) ?? 'null';
      const wrong = fleetProblems(text).filter(
        ({ severity, rule }) => severity === 'error' && ofValues.has(rule),
      );
      expect([wrong.length === 0, text]).toEqual([validate(JSON.parse(text)), text]);
    }),
    { numRuns: 3000 },
  );
});

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
