import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { loadConfig } from '../core/config/load.ts';
import type { Mode } from '../core/config/mode.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { VllmdError } from '../core/failure.ts';
import { sha256 } from '../core/plan/digest.ts';
import type { World } from '../host/world.ts';
import { findConfig, isStdin } from './find-config.ts';
import { showDiagnostics } from './show-diagnostics.ts';

/** A config file as it was read: for excerpts, and for the record of an install. */
export type Source = {
  readonly file: string;
  readonly absolutePath: string;
  readonly text: string;
  readonly sha256: string;
};

/** What the command line says about the config. */
export type ConfigOptions = ModeFlags & {
  readonly config?: string | undefined;
  readonly json: boolean;
};

type ModeFlags = {
  readonly strict?: boolean | undefined;
  readonly lenient?: boolean | undefined;
  /** A host is going to be as the config says, or is compared with it. */
  readonly isForHost?: true;
};

export type LoadedConfig = {
  readonly source: Source;
  readonly input: ConfigInput;
  /** What was left out or read as something else; none in strict mode. */
  readonly warnings: readonly Diagnostic[];
};

/** The config; where it is not valid its problems are shown, and it is undefined. */
export async function loadOrShow(
  options: ConfigOptions,
  world: World,
): Promise<LoadedConfig | undefined> {
  const mode = modeOf(options);
  const { file, absolutePath, bytes } = await findConfig(options.config, world);
  const { text, result } = loadConfig(bytes, mode, isStdin(absolutePath) ? 'FILE' : file);
  const source = { file, absolutePath, text, sha256: sha256(text) };
  if (result.ok) return { source, input: result.value, warnings: result.warnings };
  await showDiagnostics(result.diagnostics, source, options.json, world);
  return undefined;
}

/** The same for a command that does not answer with what it says of the config: what lenient mode did goes to stderr. */
export async function loadAndTell(
  options: ConfigOptions,
  world: World,
): Promise<LoadedConfig | undefined> {
  const loaded = await loadOrShow(options, world);
  if (loaded !== undefined) await tellForgiven(loaded.warnings, loaded.source, world);
  return loaded;
}

export async function tellForgiven(
  warnings: readonly Diagnostic[],
  source: Pick<Source, 'file' | 'text'>,
  world: World,
): Promise<void> {
  if (warnings.length > 0) await showDiagnostics(warnings, source, false, world);
}

/** Strict unless asked otherwise. */
export function modeOf({ strict, lenient, isForHost }: ModeFlags): Mode {
  if (strict === true && lenient === true) {
    throw new VllmdError('usage', '--strict and --lenient exclude each other', 'name one of them');
  }
  if (lenient !== true) return 'strict';
  return isForHost === true ? 'cautious' : 'lenient';
}
