import type { Json } from '../documents.ts';
import { isList, isMap } from '../policy/json-shape.ts';

const REASONING: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning']);

/** An answer without what its model has thought, at every depth; the same value where there is nothing of it. */
export function withoutReasoning(json: Json): Json {
  if (isList(json)) {
    const items = json.map(withoutReasoning);
    return items.every((item, index) => item === json[index]) ? json : items;
  }
  if (!isMap(json)) return json;
  const entries = Object.entries(json);
  const kept = entries
    .filter(([key]) => !REASONING.has(key))
    .map(([key, value]) => [key, withoutReasoning(value)] as const);
  const isSame =
    kept.length === entries.length &&
    kept.every(([, value], index) => value === entries[index]?.[1]);
  return isSame ? json : Object.fromEntries(kept);
}
