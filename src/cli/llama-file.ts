import { dirname, resolve } from 'node:path';
import type { Mode } from '../core/config/mode.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { VllmdError } from '../core/failure.ts';
import type { CheckedLlama } from '../core/llama/check.ts';
import type { LlamaInstance } from '../core/llama/instance.ts';
import { type LoadedLlama, loadLlama } from '../core/llama/load.ts';
import type { OptionTable } from '../core/llama/options/option-table.ts';
import { OVERRIDES_VARIABLE } from '../core/llama/overrides.ts';
import { resolveLlama } from '../core/llama/resolve.ts';
import { sha256 } from '../core/plan/digest.ts';
import type { World } from '../host/world.ts';
import { type ConfigOptions, modeOf, type Source } from './config-options.ts';
import { type FoundConfig, isStdin, readPlace } from './find-config.ts';
import { showDiagnostics } from './show-diagnostics.ts';
import { LLAMA_CONFIG_VARIABLE } from './with-sudo.ts';

export type LlamaFile = {
  readonly source: Source;
  /** Those that are to run, in the order of the file. */
  readonly instances: readonly LlamaInstance[];
  /** Nothing of the file is to run, whatever else is in it. */
  readonly isDisabled: boolean;
  readonly warnings: readonly Diagnostic[];
  readonly table: OptionTable;
  /** The same as it was checked. */
  readonly checked: CheckedLlama;
};

/** The llama.cpp file; where it is not valid its problems are shown, and it is undefined. */
export async function loadLlamaOrShow(
  options: ConfigOptions,
  world: World,
): Promise<LlamaFile | undefined> {
  const found = findLlamaFile(options.config, world);
  const { file, absolutePath } = found;
  const { loaded, sha256: digest } = await readLlamaFile(found, modeOf(options), world);
  const { text, result, changed } = loaded;
  if (changed.length > 0) {
    world.notes.write(`note: $${OVERRIDES_VARIABLE} changes ${changed.join(', ')}\n`);
  }
  const source = { file, absolutePath, text, sha256: digest };
  if (result.ok) {
    const { draft, table } = result.value;
    return {
      source,
      instances: resolveLlama(result.value),
      isDisabled: !draft.isEnabled,
      warnings: result.warnings,
      table,
      checked: result.value,
    };
  }
  await showDiagnostics(result.diagnostics, source, options.json, world);
  return undefined;
}

/** The bytes of a file to what it says, with the overrides of the environment. */
export async function readLlamaFile(
  { absolutePath, bytes }: Pick<FoundConfig, 'absolutePath' | 'bytes'>,
  mode: Mode,
  world: World,
): Promise<{ readonly loaded: LoadedLlama; readonly sha256: string }> {
  const overrides = world.env[OVERRIDES_VARIABLE];
  const readTable = tableReader(absolutePath, world);
  const loaded = await inOrder(bytes, { mode, overrides, readTable });
  return { loaded, sha256: sha256(loaded.text) };
}

/** The same for a command that does not answer with what it says of the file: its warnings go to stderr. */
export async function loadLlamaAndTell(
  options: ConfigOptions,
  world: World,
): Promise<LlamaFile | undefined> {
  const loaded = await loadLlamaOrShow(options, world);
  if (loaded !== undefined && loaded.warnings.length > 0) {
    await showDiagnostics(loaded.warnings, loaded.source, false, world);
  }
  return loaded;
}

/** The second parser is slow to load, and few files need it. */
async function inOrder(
  bytes: Uint8Array,
  options: Parameters<typeof loadLlama>[1],
): Promise<LoadedLlama> {
  const loaded = loadLlama(bytes, options);
  if (!loaded.needsPlaces) return loaded;
  const { placesOf } = await import('../core/config/locate.ts');
  return loadLlama(bytes, { ...options, placesOf });
}

/** The file that was named, by --config or in the environment. */
export function findLlamaFile(named: string | undefined, world: World): FoundConfig {
  const inVariable = world.env[LLAMA_CONFIG_VARIABLE];
  const place = named ?? inVariable;
  if (place === undefined || place === '') {
    throw new VllmdError(
      named === '' ? 'usage' : 'noConfig',
      named === '' ? 'the name of the config is empty' : 'no llama.cpp config is named',
      `name one: --config FILE, or $${LLAMA_CONFIG_VARIABLE}`,
    );
  }
  const found = readPlace(place, world);
  if (found !== undefined) return found;
  const whose = named === undefined ? `, which $${LLAMA_CONFIG_VARIABLE} names,` : '';
  throw new VllmdError(
    'noConfig',
    `the llama.cpp config ${place}${whose} does not exist`,
    'see how it is spelled; --config FILE names another',
  );
}

/** Reads what a file names as the option table of its llama-server, on the machine that vllmd runs on. */
function tableReader(absolutePath: string, world: World) {
  return (path: string): string | { readonly why: string } => {
    if (isStdin(absolutePath) && !path.startsWith('/')) {
      return { why: 'is relative to a file, and this one is standard input' };
    }
    const found = world.readConfigFile(resolve(dirname(absolutePath), path), {
      isOnlyRegular: true,
      maxMebibytes: 4,
    });
    switch (found.kind) {
      case 'bytes':
        return new TextDecoder().decode(found.bytes);
      case 'absent':
        return { why: 'does not exist' };
      case 'forbidden':
        return { why: 'may not be read' };
      case 'unreadable':
        return { why: `cannot be read: ${found.why}` };
    }
  };
}
