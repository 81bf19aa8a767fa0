import { VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { fleetAdd } from './fleet-add.ts';
import { type FromVllmdOptions, fleetFromVllmd } from './fleet-from-vllmd.ts';

type AddHostOptions = FromVllmdOptions & { readonly fromVllmd: boolean };

/** Adds a host, from what is given or from configs of vllmd. */
export async function fleetAddHost(options: AddHostOptions, world: World): Promise<number> {
  if (options.fromVllmd) return fleetFromVllmd(options, world);
  const { config, llama, ssh, modelPrefix, sudo, force } = options;
  const own = { config, llama, ssh, 'model-prefix': modelPrefix, sudo, force };
  const [unused] = Object.entries(own).filter(
    ([, value]) => value !== undefined && value !== false,
  );
  if (unused === undefined) return fleetAdd('hosts', options, world);
  const [name] = unused;
  throw new VllmdError('usage', `--${name} means nothing without --from-vllmd`, 'add it');
}
