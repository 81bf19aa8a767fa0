import { isJsonObject, type JsonObject, ownValue } from './json-value.ts';
import type { RuntimesFile } from './runtimes-file.ts';
import { type Field, type Fields, fieldsOf, type Section } from './shape.ts';

/** What a document without errors says: no null, and keys in the order of their description. */
export function runtimesOf(document: unknown): RuntimesFile {
  const top = isJsonObject(document) ? document : {};
  const list = (section: Section) =>
    listOf(ownValue(top, section)).map((entry) => ordered(entry, fieldsOf[section]));
  const file: unknown = {
    hosts: list('hosts'),
    backends: list('backends'),
    models: list('models'),
  };
  // The checks have seen each key of it.
  return file as RuntimesFile;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function ordered(value: unknown, fields: Fields): JsonObject {
  const object = isJsonObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, field]) => {
      const content = ownValue(object, key);
      return content === undefined ? [] : [[key, orderedField(content, field)]];
    }),
  );
}

function orderedField(value: unknown, field: Field): unknown {
  return field.kind === 'object' ? ordered(value, field.fields) : value;
}
