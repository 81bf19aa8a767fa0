import {
  unitsOfInstances,
  unitsOfRuntimes,
  type VllmdUnit,
} from '../core/fleet/from-vllmd/units.ts';
import type { World } from '../host/world.ts';
import type { FleetOptions } from './fleet-file.ts';
import { loadConfigs } from './load-configs.ts';

type UnitConfigs = Pick<FleetOptions, 'json'> & {
  readonly config?: string | undefined;
  readonly llama?: string | undefined;
};

/** The units of a host config and of a llama.cpp file; `config` may be either. undefined: one is not valid, which was shown. */
export async function unitsOfConfigs(
  { config, llama, json }: UnitConfigs,
  world: World,
): Promise<readonly VllmdUnit[] | undefined> {
  const files = llama === undefined ? [] : [llama];
  const loaded = await loadConfigs({ config, llama: files, json }, world);
  if (loaded === undefined) return undefined;
  return [
    ...(loaded.host === undefined ? [] : unitsOfRuntimes(loaded.host.input)),
    ...loaded.llama.flatMap(({ instances }) => unitsOfInstances(instances)),
  ];
}
