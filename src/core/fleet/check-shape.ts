import { nearest } from '../config/nearest.ts';
import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { below, type Diagnostic, errorAt } from '../diagnostic.ts';
import { isJsonObject, type JsonObject, ownValue } from './json-value.ts';
import { type Field, type Fields, fieldsOf, type Section, sections } from './shape.ts';

/** What is wrong with the kinds and names of a document, in its order. */
export function shapeProblems(document: unknown): readonly Diagnostic[] {
  if (!isJsonObject(document)) {
    const help = 'a file is { "schema_version": 1, "hosts": [], "backends": [], "models": [] }';
    return [errorAt('fleet-type', '', 'runtimes: expected object', help)];
  }
  return [
    ...unknownTopLevelKeys(document),
    ...versionProblems(document),
    ...sections.flatMap((section) => listProblems(document, section)),
    ...sections.flatMap((section) => entriesProblems(document, section)),
  ];
}

const topLevelKeys = ['schema_version', ...sections];
/** For editors. */
const SCHEMA_KEY = '$schema';

function unknownTopLevelKeys(document: JsonObject): readonly Diagnostic[] {
  return Object.keys(document)
    .filter((key) => key !== SCHEMA_KEY && !topLevelKeys.includes(key))
    .map((key) => ({
      ...{ severity: 'warning', rule: 'fleet-unknown-top-level-key' },
      ...{ pointer: below('', key), mark: 'key' },
      message: `unknown top-level key ${quoted(key)}`,
      help: meantKey(key, topLevelKeys) ?? 'it is left as it is',
    }));
}

function versionProblems(document: JsonObject): readonly Diagnostic[] {
  const version = ownValue(document, 'schema_version');
  if (version === 1) return [];
  const message = 'runtimes.schema_version: must be 1';
  const help = version === undefined ? 'add "schema_version": 1' : 'write 1, without quotes';
  return [errorAt('fleet-schema-version', '/schema_version', message, help)];
}

function listProblems(document: JsonObject, section: Section): readonly Diagnostic[] {
  if (Array.isArray(ownValue(document, section))) return [];
  const message = `runtimes.${section}: expected array`;
  const help = `write "${section}": [], with its entries in the brackets`;
  return [errorAt('fleet-type', `/${section}`, message, help)];
}

function entriesProblems(document: JsonObject, section: Section): readonly Diagnostic[] {
  const entries = ownValue(document, section);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index) =>
    objectProblems(entry, `/${section}/${index}`, fieldsOf[section]),
  );
}

function objectProblems(value: unknown, at: string, fields: Fields): readonly Diagnostic[] {
  if (!isJsonObject(value)) return [expected('object', at, value)];
  return [
    ...Object.keys(value)
      .filter((key) => !Object.hasOwn(fields, key))
      .map((key) => unknownKey(at, key, fields)),
    ...Object.entries(fields).flatMap(([key, field]) =>
      fieldProblems(ownValue(value, key), below(at, key), field),
    ),
  ];
}

function fieldProblems(value: unknown, at: string, field: Field): readonly Diagnostic[] {
  if (value === undefined && field.isOptional === true) return [];
  switch (field.kind) {
    case 'any':
      return [];
    case 'string':
    case 'boolean':
      return of(field.kind, at, value);
    case 'number':
      // Too large to be kept is no number either.
      return Number.isFinite(value) ? [] : [expected('number', at, value)];
    case 'id':
      return idProblems(value, at);
    case 'choice':
      return choiceProblems(value, at, field);
    case 'policy':
      return policyProblems(value, at);
    case 'strings':
      return stringsProblems(value, at);
    case 'record':
      return recordProblems(value, at);
    case 'object':
      return objectProblems(value, at, field.fields);
    default:
      return field satisfies never;
  }
}

function of(kind: 'string' | 'boolean', at: string, value: unknown): readonly Diagnostic[] {
  return typeof value === kind ? [] : [expected(kind, at, value)];
}

const LONGEST_ID = 64;

function idProblems(value: unknown, at: string): readonly Diagnostic[] {
  if (typeof value !== 'string') return [expected('string', at, value)];
  if (/^[a-z0-9][a-z0-9-]*$/.test(value) && value.length <= LONGEST_ID) return [];
  const help = `write lower-case letters, digits and dashes, no dash first, at most ${LONGEST_ID} of them`;
  return [problem('fleet-id', at, 'invalid id format', help)];
}

function choiceProblems(
  value: unknown,
  at: string,
  { values, expected: text }: Extract<Field, { kind: 'choice' }>,
): readonly Diagnostic[] {
  if (typeof value === 'string' && values.includes(value)) return [];
  const meant = typeof value === 'string' ? nearest(value, values) : undefined;
  const all = `it is one of ${values.map((one) => `"${one}"`).join(', ')}`;
  return [
    problem('fleet-choice', at, text, meant === undefined ? all : `did you mean "${meant}"?`),
  ];
}

function policyProblems(value: unknown, at: string): readonly Diagnostic[] {
  if (value === 'any') return [];
  if (Array.isArray(value)) return stringsProblems(value, at);
  const help = 'write "any", or a list of ids: ["…"]';
  return [problem('fleet-policy', at, 'expected array', help)];
}

function stringsProblems(value: unknown, at: string): readonly Diagnostic[] {
  if (!Array.isArray(value)) return [expected('array', at, value)];
  return value.flatMap((item: unknown, index) => of('string', below(at, String(index)), item));
}

function recordProblems(value: unknown, at: string): readonly Diagnostic[] {
  if (!isJsonObject(value)) return [expected('object', at, value)];
  return Object.entries(value).flatMap(([key, item]) => of('string', below(at, key), item));
}

type Kind = 'array' | 'boolean' | 'number' | 'object' | 'string';

function expected(kind: Kind, at: string, value: unknown): Diagnostic {
  return problem('fleet-type', at, `expected ${kind}`, helpFor(kind, value));
}

const forms: Readonly<Record<Kind, string>> = {
  array: 'a list in brackets: ["…"]',
  boolean: 'true or false, without quotes',
  number: 'a number, without quotes',
  object: 'an object: {…}',
  string: 'a text in double quotes',
};

function helpFor(kind: Kind, value: unknown): string {
  return value === undefined || value === null
    ? `it is required: write ${forms[kind]}`
    : `write ${forms[kind]}`;
}

function unknownKey(at: string, key: string, fields: Fields): Diagnostic {
  const text = `unknown key ${quoted(key)}`;
  const place = { pointer: below(at, key), mark: 'key' } as const;
  if (at.endsWith('/connection') && key.endsWith('_ref')) {
    const own = quoted(key.replace(/_ref$/, ''));
    const help = `references are not supported: write the value itself as ${own}`;
    return { ...problem('fleet-secret-reference', at, text, help), ...place };
  }
  const known = Object.keys(fields);
  const help = meantKey(key, known) ?? `the keys here are ${known.join(', ')}`;
  return { ...problem('fleet-unknown-key', at, text, help), ...place };
}

function meantKey(key: string, known: readonly string[]): string | undefined {
  const meant = nearest(key, known);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}
