import { isJsonObject, type JsonObject } from '../json-value.ts';

/** JSON Merge Patch (RFC 7396): objects are merged, null removes a key, all else takes the place of what was there. */
export function merged(entry: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(entry).flatMap(([key, value]) => {
    if (!Object.hasOwn(patch, key)) return [[key, value] as const];
    const now = patch[key];
    return now === null ? [] : [[key, mergedValue(value, now)] as const];
  });
  const added = Object.entries(patch)
    .filter(([key, value]) => value !== null && !Object.hasOwn(entry, key))
    .map(([key, value]) => [key, mergedValue(undefined, value)] as const);
  return Object.fromEntries([...kept, ...added]);
}

/** Both patches as one: the second wins. */
export function mergedPatches(first: JsonObject, second: JsonObject): JsonObject {
  const both = Object.entries(second).map(([key, value]) => {
    const before = Object.hasOwn(first, key) ? first[key] : undefined;
    const isBoth = isJsonObject(before) && isJsonObject(value);
    return [key, isBoth ? mergedPatches(before, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(first), ...both]);
}

function mergedValue(before: unknown, now: unknown): unknown {
  return isJsonObject(now) ? merged(isJsonObject(before) ? before : {}, now) : now;
}
