import { exitCodes } from '../../core/failure.ts';
import { redactFile } from '../../core/fleet/redact.ts';
import type { Section } from '../../core/fleet/shape.ts';
import { fleetTable } from '../../core/report/fleet-table.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import { type FleetOptions, loadFleetAndTell } from '../fleet-file.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

/** Prints the entries of one section, without their secrets. */
export async function fleetList(
  section: Section,
  options: FleetOptions,
  world: World,
): Promise<number> {
  const loaded = await loadFleetAndTell(options, world);
  if (loaded === undefined) return exitCodes.config;
  const shown = redactFile(loaded.file);
  if (options.json) {
    writeJson({ format_version: FORMAT_VERSION, ok: true, [section]: shown[section] }, world);
    return exitCodes.ok;
  }
  const { stdout } = world;
  if (shown[section].length === 0) stdout.write(`no ${section} in ${loaded.source.file}\n`);
  else stdout.write(fleetTable(section, shown, { style: styleFor(stdout), width: stdout.columns }));
  return exitCodes.ok;
}
