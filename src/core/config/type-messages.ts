import type { ErrorObject } from 'ajv';
import { type Diagnostic, pointerSegments } from '../diagnostic.ts';
import { nearest } from './nearest.ts';
import { got, gotTyped, problem } from './problem.ts';
import { isSensitive, schemaKey, tableAt } from './schema-keys.ts';
import { quoted, showValue, typeName } from './show-value.ts';
import { isScalar } from './toml-tree.ts';
import { inGib, withoutUnit } from './units.ts';

export function wrongType(error: ErrorObject): Diagnostic {
  const { instancePath: at, data } = error;
  const type = String(error.params['type']);
  // TOML allows integers beyond what the schema's bounds, and a double, can hold.
  if (type === 'integer' && typeName(data) === 'integer') return outOfRange(error);
  const text = `must be ${expected(error)}${gotTyped(at, data)}`;
  return problem('wrong-type', at, text, typeHelp(error, type));
}

export function outOfRange(error: ErrorObject): Diagnostic {
  const { instancePath: at, data } = error;
  return problem('out-of-range', at, `must be ${expected(error)}${got(at, data)}`, unitOf(at));
}

export function notAllowed(error: ErrorObject): Diagnostic {
  const { instancePath: at, data } = error;
  const meant = meantOneOf(error);
  const help = meant === undefined ? undefined : `did you mean ${quoted(meant)}?`;
  return problem('not-allowed', at, `must be ${expected(error)}${got(at, data)}`, help);
}

/** `an integer from 1 to 65536`. */
function expected(error: ErrorObject): string {
  const schema = error.parentSchema;
  const allowed = allowedValues(error);
  if (allowed.length > 0) return `one of ${allowed.map(quoted).join(', ')}`;
  const type = String(schema?.['type']);
  switch (type) {
    case 'integer':
      return integerRange(schema?.['minimum'], schema?.['maximum']);
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'a table';
    case 'array':
      return error.instancePath === '/runtimes' ? 'an array of tables' : 'an array of strings';
    default:
      return `a ${type}`;
  }
}

function integerRange(minimum: unknown, maximum: unknown): string {
  return maximum === undefined
    ? `an integer of at least ${minimum}`
    : `an integer from ${minimum} to ${maximum}`;
}

function allowedValues({ parentSchema }: ErrorObject): readonly string[] {
  const values: unknown = parentSchema?.['enum'];
  return Array.isArray(values) ? values.map(String) : [];
}

function meantOneOf(error: ErrorObject): string | undefined {
  const { data } = error;
  const allowed = allowedValues(error);
  if (data === false) return allowed.find((value) => value === 'off' || value === 'none');
  const isText = typeof data === 'string' || typeof data === 'number';
  return isText ? nearest(String(data), allowed) : undefined;
}

function typeHelp(error: ErrorObject, type: string): string | undefined {
  const { instancePath: at, data } = error;
  const key = pointerSegments(at)[0] ?? '';
  const table = schemaKey(at);
  const found = typeName(data);
  switch (type) {
    case 'integer':
      return integerHelp(data, at);
    case 'boolean':
      return booleanHelp(data);
    case 'string':
      return stringHelp(error, found);
    case 'object':
      return at === `/${key}` || tableAt(at) === table ? tableHelp(table, found) : undefined;
    default:
      if (found === 'table') return `write [[${key}]], with double brackets`;
      if (found !== 'string') return undefined;
      return isSensitive(at) ? 'put it in brackets' : `put it in brackets: [${showValue(data)}]`;
  }
}

function integerHelp(data: unknown, at: string): string | undefined {
  if (typeof data === 'string') {
    return /^\s*\d+\s*$/.test(data)
      ? 'remove the quotes'
      : (withoutUnit(data, schemaKey(at)) ?? unitOf(at));
  }
  const text = isScalar(data) && data().kind === 'float' ? data().text : '';
  const whole = /^(\d+)\.0$/.exec(text)?.[1];
  if (whole !== undefined) return `write ${whole}`;
  const isInGib = /^\d+\.\d+$/.test(text) && unitOf(at) !== undefined;
  return isInGib ? inGib(Number(text)) : unitOf(at);
}

/** What a number of this key counts, where its name alone leaves it open. */
function unitOf(at: string): string | undefined {
  return at.endsWith('_gb') ? 'the unit is GiB' : undefined;
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['yes', true],
  ['on', true],
  ['0', false],
  ['no', false],
  ['off', false],
]);

function booleanHelp(data: unknown): string | undefined {
  if (typeof data !== 'string' && typeof data !== 'number') return undefined;
  const text = String(data).trim().toLowerCase();
  if (text === 'true' || text === 'false') {
    return data === text ? 'remove the quotes' : `write ${text}`;
  }
  const truth = TRUTHS.get(text);
  return truth === undefined ? undefined : `write ${truth}`;
}

function stringHelp(error: ErrorObject, found: string): string | undefined {
  if (found === 'array' || found === 'table') return undefined;
  const { instancePath: at, data } = error;
  if (allowedValues(error).length > 0) {
    const meant = meantOneOf(error);
    return meant === undefined ? undefined : `write ${quoted(meant)}`;
  }
  return isSensitive(at) ? 'put quotes around it' : `put quotes around it: "${showValue(data)}"`;
}

function tableHelp(key: string, found: string): string {
  return found === 'array'
    ? `write [${key}], with single brackets`
    : `write [${key}], and its keys below it`;
}
