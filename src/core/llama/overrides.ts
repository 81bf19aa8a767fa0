import { keyName } from '../config/show-value.ts';
import { isTable, type TomlTree, type TomlValue } from '../config/toml-tree.ts';
import { type Diagnostic, errorAt, pointer } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';

/** The environment variable of the contract's launcher that changes a file without editing it. */
export const OVERRIDES_VARIABLE = 'AUTO_INFER_LLAMA_CPP_OVERRIDES';

export type Overridden = {
  readonly tree: TomlTree;
  /** Of what is other than in the file, as an operator writes keys. Values may be secrets and are told nowhere. */
  readonly changed: readonly string[];
};

/** A tree with the objects of a JSON text merged into its tables; any other value takes the place of what was there. */
export function withOverrides(tree: TomlTree, text: string): Result<Overridden> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return failure([problem('is no JSON')]);
  }
  if (!isTable(data)) return failure([problem('is no JSON object')]);
  const own = tableOf(data, '', 0);
  if (typeof own === 'string') return failure([problem(`${keyName(own)}: ${NO_VALUE}`)]);
  return success({ tree: merged(tree, own), changed: leaves(own, '') });
}

const NO_VALUE =
  'null, a number that a double does not hold, half a character, and what is nested too deep are no value';
const MAX_DEPTH = 64;
/** JSON can escape one, and no argument can be one. */
const HALF = /\p{Cs}/u;

function problem(what: string): Diagnostic {
  const help = 'set it to an object such as {"master": {"enable": false}}, or unset it';
  const message = `$${OVERRIDES_VARIABLE}: ${what}`;
  return { ...errorAt('llama-overrides', '', message, help), subject: 'host' };
}

/** JSON as a tree, or the pointer of what no tree can hold. */
function tableOf(
  data: { readonly [key: string]: unknown },
  at: string,
  depth: number,
): TomlTree | string {
  const entries: [string, TomlValue][] = [];
  for (const [key, value] of Object.entries(data)) {
    const place = at + pointer(key);
    if (HALF.test(key)) return place;
    const converted = treeValue(value, place, depth + 1);
    if (converted.broken !== undefined) return converted.broken;
    entries.push([key, converted.value]);
  }
  return Object.fromEntries(entries);
}

type Converted =
  | { readonly value: TomlValue; readonly broken?: undefined }
  | { readonly broken: string };

function treeValue(value: unknown, at: string, depth: number): Converted {
  if (typeof value === 'string' && HALF.test(value)) return { broken: at };
  if (typeof value === 'string' || typeof value === 'boolean') return { value };
  if (typeof value === 'number') return numberOf(value, at);
  if (depth > MAX_DEPTH) return { broken: at };
  if (Array.isArray(value)) return listOf(value, at, depth);
  if (!isTable(value)) return { broken: at };
  const table = tableOf(value, at, depth);
  return typeof table === 'string' ? { broken: table } : { value: table };
}

function numberOf(value: number, at: string): Converted {
  if (Number.isSafeInteger(value)) return { value };
  if (Number.isInteger(value) || !Number.isFinite(value)) return { broken: at };
  return { value: () => ({ kind: 'float', text: String(value) }) };
}

function listOf(items: readonly unknown[], at: string, depth: number): Converted {
  const values: TomlValue[] = [];
  for (const [index, item] of items.entries()) {
    const converted = treeValue(item, at + pointer(index), depth + 1);
    if (converted.broken !== undefined) return converted;
    values.push(converted.value);
  }
  return { value: values };
}

function merged(table: TomlTree, own: TomlTree): TomlTree {
  const entries = new Map(Object.entries(table));
  for (const [key, value] of Object.entries(own)) {
    const before = entries.get(key);
    entries.set(key, isTree(before) && isTree(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(entries);
}

function isTree(value: TomlValue | undefined): value is TomlTree {
  return isTable(value);
}

function leaves(table: TomlTree, at: string): readonly string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTree(value) ? leaves(value, at + pointer(key)) : [keyName(at + pointer(key))],
  );
}
