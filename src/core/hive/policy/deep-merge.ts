import type { Json, JsonMap } from '../documents.ts';
import { isList, isMap } from './json-shape.ts';

/** Two objects as one: a key of `over` wins, even with null; two objects under one key become one as well. */
export function mergedUnder(over: JsonMap, under: JsonMap): JsonMap {
  const merged = new Map(Object.entries(over));
  for (const [key, value] of Object.entries(under)) {
    const winner = merged.get(key);
    if (winner === undefined) merged.set(key, copyOf(value));
    else if (isMap(winner) && isMap(value)) merged.set(key, mergedUnder(winner, value));
  }
  // Defines its keys and so takes `__proto__` for a key like any other.
  return Object.fromEntries(merged);
}

/** Defaults serve many requests, so that none gets the objects themselves. */
function copyOf(value: Json): Json {
  if (isList(value)) return value.map(copyOf);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}
