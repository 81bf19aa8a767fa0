import { nearest } from '../../config/nearest.ts';
import { keyName } from '../../config/show-value.ts';
import { type Diagnostic, pointer } from '../../diagnostic.ts';
import { isJsonObject, type JsonObject } from '../../fleet/json-value.ts';
import type { Field, ObjectShape } from '../read/field.ts';
import type { Loc } from '../read/problem.ts';

/** Keys that a table does not have and that nobody would read, at any depth. */
export function unknownKeys(
  value: unknown,
  field: Field,
  loc: Loc,
  severity: Diagnostic['severity'],
): readonly Diagnostic[] {
  if (field.kind === 'list' && Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      unknownKeys(item, field.of, [...loc, index], severity),
    );
  }
  if (!isJsonObject(value)) return [];
  if (field.kind === 'line-or') return unknownKeys(value, field.object, loc, severity);
  return field.kind === 'object' ? ofObject(value, field, loc, severity) : [];
}

function ofObject(
  value: JsonObject,
  { fields, isOpen }: ObjectShape,
  loc: Loc,
  severity: Diagnostic['severity'],
): readonly Diagnostic[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field !== undefined) return unknownKeys(item, field, [...loc, key], severity);
    return isOpen === true ? [] : [unknownKey(pointer(...loc, key), key, fields, severity)];
  });
}

function unknownKey(
  at: string,
  key: string,
  fields: ObjectShape['fields'],
  severity: Diagnostic['severity'],
): Diagnostic {
  const names = Object.keys(fields);
  const word = nearest(key, names);
  const { what, ...kind } = kinds[severity];
  return {
    ...kind,
    ...{ pointer: at, mark: 'key' },
    message: `${keyName(at)}: ${what}`,
    help: word === undefined ? `the keys here are ${names.join(', ')}` : `did you mean ${word}?`,
  };
}

const kinds = {
  error: { severity: 'error', rule: 'hive-unknown-key', what: 'unknown key' },
  warning: {
    severity: 'warning',
    rule: 'hive-ignored-key',
    what: 'unknown key, which is left out',
  },
} as const;
