import { decodeConfig } from '../core/config/decode.ts';
import { parse } from '../core/config/parse.ts';
import type { World } from '../host/world.ts';
import type { ConfigOptions } from './config-options.ts';
import { isStdin, readPlace } from './find-config.ts';
import { type LlamaFile, loadLlamaAndTell } from './llama-file.ts';
import { type LoadedConfig, loadAndTell } from './load.ts';

/** What says what vllmd runs on a host. */
export type Configs = ConfigOptions & { readonly llama?: readonly string[] | undefined };

export type LoadedConfigs = {
  /** undefined where none counts. */
  readonly host: LoadedConfig | undefined;
  readonly llama: readonly LlamaFile[];
};

/** A host config and llama.cpp files; `config` may be either. undefined: one is not valid, which was shown. */
export async function loadConfigs(
  { config, llama = [], ...options }: Configs,
  world: World,
): Promise<LoadedConfigs | undefined> {
  const isLlama = config !== undefined && isLlamaFile(config, world);
  const isHostNamed = config !== undefined && !isLlama;
  const files = [...(isLlama ? [config] : []), ...llama];
  // Without any file that of the host counts, at its usual place.
  const isHostWanted = isHostNamed || files.length === 0;
  const host = isHostWanted ? await loadAndTell({ ...options, config }, world) : undefined;
  if (isHostWanted && host === undefined) return undefined;
  const loaded: LlamaFile[] = [];
  for (const file of files) {
    const one = await loadLlamaAndTell({ ...options, config: file }, world);
    if (one === undefined) return undefined;
    loaded.push(one);
  }
  return { host, llama: loaded };
}

/** By its tables; what cannot be read is told of as a host config. */
function isLlamaFile(file: string, world: World): boolean {
  const found = readPlace(file, world);
  // It can be read once only.
  if (found === undefined || isStdin(found.absolutePath)) return false;
  const decoded = decodeConfig(found.bytes);
  const parsed = decoded.ok ? parse(decoded.value) : decoded;
  if (!parsed.ok) return false;
  return Object.hasOwn(parsed.value, 'instance') || Object.hasOwn(parsed.value, 'master');
}
