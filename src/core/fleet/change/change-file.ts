import { decodeConfig } from '../../config/decode.ts';
import type { Mode } from '../../config/mode.ts';
import { failure, type Result, success } from '../../result.ts';
import { jsonValueOf } from '../json/json-value-of.ts';
import { parseJson } from '../json/parse-json.ts';
import { isJsonObject, type JsonObject } from '../json-value.ts';
import { type LoadedFleet, loadFleet } from '../load.ts';
import { emptyTree, savedText } from './change-entries.ts';
import { inexactNumbers } from './inexact-numbers.ts';

/** A file that is going to be saved again. */
export type OpenedFleet = {
  /** As it lies there; undefined where there is none. */
  readonly text: string | undefined;
  readonly document: JsonObject;
  /** Numbers that would be others once they are saved, by their pointers. */
  readonly inexact: readonly string[];
};

type Options = { readonly file: string; readonly mode: Mode };

/** The bytes of a file that need not be valid yet: a change may make it so. */
export function openFleet(bytes: Uint8Array | undefined, options: Options): Result<OpenedFleet> {
  if (bytes === undefined) return success({ text: undefined, document: emptyTree, inexact: [] });
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return decoded;
  // With its byte order mark, as it is compared with the file later.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (decoded.value.trim() === '') return success({ text, document: emptyTree, inexact: [] });
  const parsed = parseJson(decoded.value);
  if (!parsed.ok) return parsed;
  const { root, repeats } = parsed.value;
  // Of a key that is there twice one would be lost.
  if (repeats.length > 0) return failure(repeats);
  const document = jsonValueOf(root);
  if (isJsonObject(document)) {
    return success({ text, document, inexact: inexactNumbers(root, decoded.value) });
  }
  const { result } = loadFleet(bytes, options);
  return failure(result.ok ? [] : result.diagnostics);
}

export type ChangedFleet = {
  /** What is to be saved. */
  readonly text: string;
  /** What it says, or what is wrong with it. */
  readonly loaded: LoadedFleet;
};

/** A changed document as it would be saved, checked as a whole. */
export function checkChange(document: JsonObject, options: Options): ChangedFleet {
  const text = savedText(document);
  return { text, loaded: loadFleet(new TextEncoder().encode(text), options) };
}
