import { decodeConfig } from '../core/config/decode.ts';
import { parse } from '../core/config/parse.ts';
import {
  unitsOfInstances,
  unitsOfRuntimes,
  type VllmdUnit,
} from '../core/fleet/from-vllmd/units.ts';
import type { World } from '../host/world.ts';
import { isStdin, readPlace } from './find-config.ts';
import type { FleetOptions } from './fleet-file.ts';
import { loadLlamaAndTell } from './llama-file.ts';
import { loadAndTell } from './load.ts';

type Configs = Pick<FleetOptions, 'json' | 'lenient' | 'strict'> & {
  readonly config?: string | undefined;
  readonly llama?: string | undefined;
};

/** The units of a host config and of a llama.cpp file; `config` may be either. undefined: one is not valid, which was shown. */
export async function unitsOfConfigs(
  { config, llama, json }: Configs,
  world: World,
): Promise<readonly VllmdUnit[] | undefined> {
  const isLlama = config !== undefined && isLlamaFile(config, world);
  const isHostNamed = config !== undefined && !isLlama;
  const files = [isLlama ? config : undefined, llama].filter((file) => file !== undefined);
  const units: VllmdUnit[] = [];
  // Without any file that of the host counts, at its usual place.
  if (isHostNamed || files.length === 0) {
    const loaded = await loadAndTell({ config, json }, world);
    if (loaded === undefined) return undefined;
    units.push(...unitsOfRuntimes(loaded.input));
  }
  for (const file of files) {
    const loaded = await loadLlamaAndTell({ config: file, json }, world);
    if (loaded === undefined) return undefined;
    units.push(...unitsOfInstances(loaded.instances));
  }
  return units;
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
