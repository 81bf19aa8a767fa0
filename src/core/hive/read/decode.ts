import { isJsonObject } from '../../fleet/json-value.ts';
import type { Json } from '../documents.ts';
import { readEndpoint } from './endpoint.ts';
import type { Field, Fields } from './field.ts';
import { copyJson, copyMap, copyTexts } from './free.ts';
import type { Loc, Reading, Tell } from './problem.ts';
import {
  readBoolean,
  readChoice,
  readId,
  readInteger,
  readLine,
  readNumber,
  readTemplate,
  readText,
  within,
} from './scalars.ts';
import { readTime } from './time.ts';

/** A field as the registry keeps it, with all its defaults; what is wrong is told, and then it is of no use. */
export function decode(value: unknown, field: Field, loc: Loc, tell: Tell): Json {
  if (value === null && field.isNullable === true) return null;
  switch (field.kind) {
    case 'object':
      return decodeObject(value, field, loc, tell);
    case 'list':
      return decodeList(value, field, loc, tell);
    case 'line-or':
      return decode(value, isJsonObject(value) ? field.object : { kind: 'line' }, loc, tell);
    case 'map':
      return copyMap(value, loc, tell);
    case 'texts-by-name':
      return copyTexts(value, loc, tell);
    case 'json':
      return copyJson(value, loc, tell);
    case 'choice':
      return take(readChoice(value, field.values), value, loc, tell);
    case 'integer':
      return take(within(readInteger(value), field), value, loc, tell);
    case 'number':
      return take(within(readNumber(value), field), value, loc, tell);
    case 'boolean':
    case 'endpoint':
    case 'id':
    case 'line':
    case 'template':
    case 'text':
    case 'time':
      return take(readers[field.kind](value), value, loc, tell);
    default:
      return field satisfies never;
  }
}

type Reader = (value: unknown) => Reading<Json>;

const readers = {
  boolean: readBoolean,
  endpoint: readEndpoint,
  id: readId,
  line: readLine,
  template: readTemplate,
  text: readText,
  time: readTime,
} as const satisfies Readonly<Record<string, Reader>>;

function take(reading: Reading<Json>, input: unknown, loc: Loc, tell: Tell): Json {
  if (reading.ok) return reading.value;
  const { type, msg } = reading;
  tell({ type, loc, msg, input });
  return null;
}

type ListField = Extract<Field, { readonly kind: 'list' }>;

function decodeList(value: unknown, field: ListField, loc: Loc, tell: Tell): Json {
  if (!Array.isArray(value)) {
    tell({ type: 'list_type', loc, msg: 'Input should be a valid list', input: value });
    return [];
  }
  const items = value.map((item: unknown, index) => decode(item, field.of, [...loc, index], tell));
  field.check?.(value, loc, tell);
  return items;
}

type ObjectField = Extract<Field, { readonly kind: 'object' }>;

function decodeObject(value: unknown, field: ObjectField, loc: Loc, tell: Tell): Json {
  if (!isJsonObject(value)) {
    tell({ type: 'dict_type', loc, msg: 'Input should be a valid dictionary', input: value });
    return {};
  }
  const others = field.isOpen === true ? withoutFields(value, field.fields) : {};
  const entries = Object.entries(field.fields).flatMap(([key, inner]) => {
    const decoded = decodeMember(value, key, inner, loc, tell);
    return decoded === undefined || inner.isDropped === true ? [] : [[key, decoded] as const];
  });
  field.check?.(value, loc, tell);
  return { ...Object.fromEntries(entries), ...copyMap(others, loc, tell) };
}

function decodeMember(
  object: Readonly<Record<string, unknown>>,
  key: string,
  field: Field,
  loc: Loc,
  tell: Tell,
): Json | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  const at = [...loc, key];
  if (value !== undefined) return decode(value, field, at, tell);
  if (field.default !== undefined) return decode(field.default, field, at, tell);
  if (field.isOptional !== true) {
    tell({ type: 'missing', loc: at, msg: 'Field required', input: object });
  }
  return undefined;
}

function withoutFields(object: Readonly<Record<string, unknown>>, fields: Fields): unknown {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !Object.hasOwn(fields, key)));
}
