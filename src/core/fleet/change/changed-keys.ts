import { isJsonObject, type JsonObject } from '../json-value.ts';

/**
 * Which keys of an entry differ: `connection.port`. Their values are left out, so that no secret is told; names in an
 * environment are none.
 */
export function changedKeys(before: JsonObject, after: JsonObject): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [old, now] = [before[key], after[key]];
    if (isJsonObject(old) && isJsonObject(now) && !opaque.has(key)) {
      return changedKeys(old, now).map((below) => `${key}.${below}`);
    }
    return isSame(old, now) ? [] : [key];
  });
}

/** Reserved, and so nobody knows what its keys are. */
const opaque: ReadonlySet<string> = new Set(['split_policy']);

/** Of values that were parsed, so the order of keys is that of the text. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
