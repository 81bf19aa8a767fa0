import type { ConfigInput } from '../core/config/config-input.gen.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { sha256 } from '../core/plan/digest.ts';
import type { HostReader } from '../host/host.ts';
import type { LlamaFiles } from '../host/llama-files.ts';
import type { World } from '../host/world.ts';
import { type ConfigOptions, modeOf, type Source } from './config-options.ts';
import { findConfig } from './find-config.ts';
import { loadWithFiles } from './load-with-files.ts';
import { showDiagnostics, showFiles } from './show-diagnostics.ts';

export type LoadedConfig = {
  readonly source: Source;
  readonly input: ConfigInput;
  /** What was left out or read as something else; none in strict mode. */
  readonly warnings: readonly Diagnostic[];
  /** What runs in the guests. */
  readonly llama: LlamaFiles;
};

/**
 * The config with the files that belong to it; where one of them is not valid its problems are shown, and it is undefined.
 * `host` is the one that it is for. What there is to say of files that are valid goes to stderr.
 */
export async function loadOrShow(
  options: ConfigOptions,
  world: World,
  host?: HostReader,
): Promise<LoadedConfig | undefined> {
  const loaded = await loadUntold(options, world, host);
  const warned = loaded?.llama.warned ?? [];
  if (warned.length > 0) await showFiles(warned, false, world);
  return loaded;
}

/** The same for a command that answers with what it says of the files. */
export async function loadUntold(
  options: ConfigOptions,
  world: World,
  host: HostReader = world.host(''),
): Promise<LoadedConfig | undefined> {
  const mode = modeOf(options);
  const found = await findConfig(options.config, world);
  const { text, loaded } = await loadWithFiles(found, { mode, host, beside: world.host('') });
  if (!loaded.ok) {
    await showFiles(loaded.refused, options.json, world);
    return undefined;
  }
  const { file, absolutePath } = found;
  const { input, warnings, llama } = loaded;
  const source: Source = {
    ...{ file, absolutePath, text },
    // Few ask for it.
    get sha256() {
      return sha256(text);
    },
  };
  return { source, input, warnings, llama };
}

/** The same for a command that does not answer with what it says of the config: what lenient mode did goes to stderr. */
export async function loadAndTell(
  options: ConfigOptions,
  world: World,
): Promise<LoadedConfig | undefined> {
  const loaded = await loadOrShow(options, world);
  if (loaded === undefined) return undefined;
  await tellForgiven(loaded.warnings, loaded.source, world);
  return loaded;
}

export async function tellForgiven(
  warnings: readonly Diagnostic[],
  source: Pick<Source, 'file' | 'text'>,
  world: World,
): Promise<void> {
  if (warnings.length > 0) await showDiagnostics(warnings, source, false, world);
}
