import type { Json, JsonMap } from '../documents.ts';

/** Whether a value is an object with keys. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list; `Array.isArray` forgets what is in a read-only one. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
