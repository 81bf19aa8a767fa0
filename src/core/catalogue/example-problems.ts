import { loadConfig } from '../config/load.ts';
import type { Mode } from '../config/mode.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { loadFleet } from '../fleet/load.ts';
import { checkFile } from '../hive/files/load-file.ts';
import { loadLlama } from '../llama/load.ts';
import type { Result } from '../result.ts';
import type { RuleExplanation } from './explanation.ts';

/** What validation says of an example. No file that it names is there. */
export function exampleProblems(
  text: string,
  { file, mode = 'strict' }: Pick<RuleExplanation, 'file' | 'mode'>,
): readonly Diagnostic[] {
  const { result } = loadedAs(file, new TextEncoder().encode(text), mode);
  return result.ok ? result.warnings : result.diagnostics;
}

function loadedAs(
  file: RuleExplanation['file'],
  bytes: Uint8Array,
  mode: Mode,
): { readonly result: Result<unknown> } {
  switch (file) {
    case 'llama.toml':
      return loadLlama(bytes, { mode, readTable: () => ({ why: 'does not exist' }) });
    case 'runtimes.json':
      return loadFleet(bytes, { mode, file });
    case 'document.yaml':
      return checkFile(bytes);
    case undefined:
      return loadConfig(bytes, mode);
    default:
      return file satisfies never;
  }
}
