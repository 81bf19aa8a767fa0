import { isJsonObject, type JsonObject } from '../json-value.ts';
import { type Fields, fieldsOf, type Section } from '../shape.ts';

/** An entry that is new, with its keys in the order of their description; those that nobody knows come last. */
export function orderedEntry(section: Section, entry: JsonObject): JsonObject {
  return ordered(entry, fieldsOf[section]);
}

function ordered(object: JsonObject, fields: Fields): JsonObject {
  const known = Object.entries(fields).flatMap(([key, field]) => {
    if (!Object.hasOwn(object, key)) return [];
    const value = object[key];
    const isTable = field.kind === 'object' && isJsonObject(value);
    return [[key, isTable ? ordered(value, field.fields) : value] as const];
  });
  const others = Object.entries(object).filter(([key]) => !Object.hasOwn(fields, key));
  return Object.fromEntries([...known, ...others]);
}
