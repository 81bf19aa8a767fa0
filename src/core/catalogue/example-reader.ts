import { loadConfig } from '../config/load.ts';
import { locate } from '../config/locate.ts';
import type { Mode } from '../config/mode.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { locateJson } from '../fleet/json/locate-json.ts';
import { loadFleet } from '../fleet/load.ts';
import { loadLlama } from '../llama/load.ts';
import type { Result } from '../result.ts';
import type { RuleExplanation } from './explanation.ts';

/** How examples of one kind of file are checked, and where in them a problem is. */
export type ExampleReader = {
  readonly load: (bytes: Uint8Array, mode: Mode) => { readonly result: Result<unknown> };
  readonly locate: typeof locate;
};

type Plain = Exclude<RuleExplanation['file'], 'document.yaml'>;

/** Of all but documents of the registry, whose reader is as large as these together. */
export function exampleReader(file: Plain): ExampleReader {
  return readers[file ?? 'vllmd.toml'];
}

const readers: Readonly<Record<'vllmd.toml' | NonNullable<Plain>, ExampleReader>> = {
  'vllmd.toml': { load: loadConfig, locate },
  'llama.toml': {
    // No file that an example names is there.
    load: (bytes, mode) => loadLlama(bytes, { mode, readTable: () => ({ why: 'does not exist' }) }),
    locate,
  },
  'runtimes.json': {
    load: (bytes, mode) => loadFleet(bytes, { mode, file: 'runtimes.json' }),
    locate: locateJson,
  },
};

/** What validation says of an example. */
export function exampleProblems(
  text: string,
  mode: Mode | undefined,
  reader: ExampleReader,
): readonly Diagnostic[] {
  const { result } = reader.load(new TextEncoder().encode(text), mode ?? 'strict');
  return result.ok ? result.warnings : result.diagnostics;
}
