import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { type FleetOptions, loadFleetOrShow } from '../fleet-file.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export async function fleetValidate(options: FleetOptions, world: World): Promise<number> {
  const loaded = await loadFleetOrShow(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, warnings } = loaded;
  if (options.json || warnings.length > 0) {
    await showDiagnostics(warnings, source, options.json, world);
  }
  if (!options.json) world.stdout.write(`${source.file} is valid.\n`);
  return exitCodes.ok;
}
