import { exitCodes } from '../../core/failure.ts';
import { resolvedJson } from '../../core/llama/resolved-json.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { loadLlamaAndTell } from '../llama-file.ts';
import { writeJson } from '../write-json.ts';

/** Prints what the contract's launcher would start, one object an instance. */
export async function llamaResolve(
  options: Omit<ConfigOptions, 'json'>,
  world: World,
): Promise<number> {
  const loaded = await loadLlamaAndTell({ ...options, json: false }, world);
  if (loaded === undefined) return exitCodes.config;
  writeJson(loaded.instances.map(resolvedJson), world);
  return exitCodes.ok;
}
