import { decodeConfig, readableText } from '../config/decode.ts';
import type { Mode } from '../config/mode.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { checkFleet } from './check.ts';
import { type FileAccess, fileModeProblems } from './file-mode.ts';
import { jsonValueOf } from './json/json-value-of.ts';
import { parseJson } from './json/parse-json.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import type { RuntimesFile } from './runtimes-file.ts';

export type CheckedFleet = {
  readonly file: RuntimesFile;
  /** All of it as it is written, with keys of the top level that are not known: for a file that is saved again. */
  readonly document: JsonObject;
};

export type LoadedFleet = {
  readonly text: string;
  readonly result: Result<CheckedFleet>;
};

export type FleetLoadOptions = FileAccess & {
  readonly mode: Mode;
  /** How the file is called. */
  readonly file: string;
  /** Of who runs vllmd: what `~/` of a key stands for. */
  readonly home?: string | undefined;
};

/** The bytes of runtimes.json to a checked file. */
export function loadFleet(bytes: Uint8Array, options: FleetLoadOptions): LoadedFleet {
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return { text: readableText(bytes), result: decoded };
  const text = decoded.value;
  // A file that was created and not written yet.
  if (/^[ \t\r\n]*$/.test(text)) return { text, result: checkDocument(empty, [], options) };
  const parsed = parseJson(text);
  if (!parsed.ok) return { text, result: parsed };
  const { root, repeats } = parsed.value;
  return { text, result: checkDocument(jsonValueOf(root), repeats, options) };
}

const empty: JsonObject = { schema_version: 1, hosts: [], backends: [], models: [] };

function checkDocument(
  document: unknown,
  repeats: readonly Diagnostic[],
  { mode, file, home, ...access }: FleetLoadOptions,
): Result<CheckedFleet> {
  const checked = checkFleet(document, mode);
  const found = checked.ok ? checked.warnings : checked.diagnostics;
  const all = [...repeats, ...found, ...fileModeProblems(document, file, access)];
  if (!checked.ok || repeats.length > 0 || !isJsonObject(document)) return failure(all);
  return success({ file: { ...checked.value, home }, document }, all);
}
