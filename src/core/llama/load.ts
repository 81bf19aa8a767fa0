import { decodeConfig, readableText } from '../config/decode.ts';
import { maskSensitive } from '../config/mask-sensitive.ts';
import type { Mode } from '../config/mode.ts';
import { parse } from '../config/parse.ts';
import { type Result, success } from '../result.ts';
import { type CheckedLlama, checkLlama } from './check.ts';
import { namedTable } from './options/named-table.ts';
import { type Overridden, withOverrides } from './overrides.ts';
import { losesOrder, namesInOrder, type PlacesOf } from './source-order.ts';

export type LoadedLlama = {
  /** What the file says; when it is refused, for excerpts, with what is sensitive masked. */
  readonly text: string;
  readonly result: Result<CheckedLlama>;
  /** Keys that overrides have changed. */
  readonly changed: readonly string[];
  /** Instances may stand in another order than in the file: load it again with `placesOf`. */
  readonly needsPlaces: boolean;
};

export type LlamaLoadOptions = {
  readonly mode: Mode;
  /** The text of the option table that the file names, or why there is none. */
  readonly readTable: (path: string) => string | { readonly why: string };
  /** JSON that is merged into the file. */
  readonly overrides?: string | undefined;
  readonly placesOf?: PlacesOf | undefined;
};

/** The bytes of a llama.cpp file to a checked one. */
export function loadLlama(bytes: Uint8Array, options: LlamaLoadOptions): LoadedLlama {
  const { mode, readTable, overrides = '', placesOf } = options;
  const failed = (text: string, result: Result<CheckedLlama>): LoadedLlama => ({
    text: maskSensitive(text),
    result,
    changed: [],
    needsPlaces: false,
  });
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return failed(readableText(bytes), decoded);
  const text = decoded.value;
  const parsed = parse(text);
  if (!parsed.ok) return failed(text, parsed);
  const overridden = overridesOf(parsed.value, overrides);
  if (!overridden.ok) return failed(text, overridden);
  const { tree, changed } = overridden.value;
  const needsPlaces = placesOf === undefined && losesOrder(tree);
  const names = placesOf === undefined ? undefined : namesInOrder(tree, text, placesOf);
  const named = namedTable(tree, readTable);
  if (!named.ok) return failed(text, named);
  const result = checkLlama(tree, { mode, table: named.value, names });
  return { text: result.ok ? text : maskSensitive(text), result, changed, needsPlaces };
}

function overridesOf(
  tree: Parameters<typeof withOverrides>[0],
  overrides: string,
): Result<Overridden> {
  if (overrides === '') return success({ tree, changed: [] });
  return withOverrides(tree, overrides);
}
