import { parse as parseToml, TomlDate, TomlError, type TomlValue as TomlInput } from 'smol-toml';
import { errorAt } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { syntaxErrors } from './syntax-errors.ts';
import type { TomlScalar, TomlTree, TomlValue } from './toml-tree.ts';

/** Far more than the schema has, and little enough for every walk over the tree to be recursive. */
const MAX_DEPTH = 64;
/** Printing an integer of a million digits takes seconds and helps nobody. */
const LONGEST_SHOWN = 1e60;

/** TOML text to a tree of values; everything that is wrong with the text itself is a diagnostic. */
export function parse(text: string): Result<TomlTree> {
  try {
    const tree = toTree(toTable(text), 0);
    if (tree !== undefined) return success(tree);
    return failure([
      errorAt('config-too-deep', '', `tables are nested more than ${MAX_DEPTH} deep`),
    ]);
  } catch (error) {
    if (error instanceof TomlError) return failure(syntaxErrors(text, toTable));
    throw error;
  }
}

function toTable(text: string): object {
  return parseToml(text, { integersAsBigInt: true, maxDepth: MAX_DEPTH });
}

const ENTRY = { enumerable: true, configurable: true, writable: true };

/** `undefined` from here on means nested too deeply. */
function toTree(table: object, depth: number): TomlTree | undefined {
  const tree: { [key: string]: TomlValue } = {};
  for (const [key, value] of Object.entries(table)) {
    const converted = toValue(value, depth + 1);
    if (converted === undefined) return undefined;
    // An assignment would set the prototype.
    if (key === '__proto__') Object.defineProperty(tree, key, { ...ENTRY, value: converted });
    else tree[key] = converted;
  }
  return tree;
}

function toArray(items: readonly TomlInput[], depth: number): TomlValue | undefined {
  const values: TomlValue[] = [];
  for (const item of items) {
    const converted = toValue(item, depth + 1);
    if (converted === undefined) return undefined;
    values.push(converted);
  }
  return values;
}

function toValue(value: TomlInput, depth: number): TomlValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') return scalar('float', floatText(value));
  if (Array.isArray(value)) return toArray(value, depth);
  return value instanceof TomlDate ? scalar('date', value.toISOString()) : toTree(value, depth);
}

function integer(value: bigint): TomlValue {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return scalar(
    'integer',
    Math.abs(number) < LONGEST_SHOWN ? String(value) : 'a number of more than 60 digits',
  );
}

/** As TOML writes it: the fewest digits that read back to the same value, and always as a float. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function scalar(kind: 'float' | 'date' | 'integer', text: string): TomlScalar {
  return () => ({ kind, text });
}
