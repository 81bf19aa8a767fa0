import { isJsonObject } from '../../fleet/json-value.ts';
import type { Json, JsonMap } from '../documents.ts';
import type { Loc, Tell } from './problem.ts';
import { readNumber, readText } from './scalars.ts';

/** An object whose keys its author chooses. Its depth has been looked at before. */
export function copyMap(value: unknown, loc: Loc, tell: Tell): JsonMap {
  return copyEntries(value, loc, tell, copyJson);
}

/** The same with nothing but texts. */
export function copyTexts(value: unknown, loc: Loc, tell: Tell): JsonMap {
  return copyEntries(value, loc, tell, copyText);
}

/** Any value as JSON has it, and nobody else's: what is changed later is not changed here. */
export function copyJson(value: unknown, loc: Loc, tell: Tell): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return copyText(value, loc, tell);
  if (typeof value === 'number') return copyNumber(value, loc, tell);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => copyJson(item, [...loc, index], tell));
  }
  return copyMap(value, loc, tell);
}

type Copy = (value: unknown, loc: Loc, tell: Tell) => Json;

function copyEntries(value: unknown, loc: Loc, tell: Tell, copy: Copy): JsonMap {
  if (!isJsonObject(value)) {
    tell({ type: 'dict_type', loc, msg: 'Input should be a valid dictionary', input: value });
    return {};
  }
  const entries = Object.entries(value)
    // Whoever merges maps later would change all objects with it.
    .filter(([key, item]) => key !== '__proto__' && item !== undefined);
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const at = [...loc, key];
      copyText(key, at, tell);
      return [key, copy(item, at, tell)];
    }),
  );
}

function copyText(value: unknown, loc: Loc, tell: Tell): Json {
  const text = readText(value);
  if (text.ok) return text.value;
  tell({ type: text.type, loc, msg: text.msg, input: value });
  return '';
}

function copyNumber(value: number, loc: Loc, tell: Tell): Json {
  const number = readNumber(value);
  if (number.ok) return number.value;
  tell({ type: number.type, loc, msg: number.msg, input: value });
  return 0;
}
