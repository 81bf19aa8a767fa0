import { nearest } from '../../core/config/nearest.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { redactFile } from '../../core/fleet/redact.ts';
import { entryNames, type Section } from '../../core/fleet/shape.ts';
import { fleetEntryHuman } from '../../core/report/fleet-entry.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import { type FleetOptions, loadFleetToUse } from '../fleet-file.ts';
import { writeJson } from '../write-json.ts';

/** Prints one entry, without its secrets. */
export async function fleetShow(
  section: Section,
  options: FleetOptions & { readonly id: string },
  world: World,
): Promise<number> {
  const loaded = await loadFleetToUse(options, world);
  if (loaded === undefined) return exitCodes.config;
  const entries = redactFile(loaded.file)[section];
  const entry = entries.find(({ id }) => id === options.id);
  const name = entryNames[section];
  if (entry === undefined) {
    const known = entries.map(({ id }) => id);
    throw new VllmdError(
      'notFound',
      `${name} not found: ${options.id}`,
      hint(section, options, known),
    );
  }
  if (options.json) writeJson({ format_version: FORMAT_VERSION, ok: true, [name]: entry }, world);
  else world.stdout.write(fleetEntryHuman(entry, world.stdout.columns));
  return exitCodes.ok;
}

function hint(section: Section, { id }: { readonly id: string }, known: readonly string[]): string {
  const meant = nearest(id, known);
  return meant === undefined ? `\`vllmd ${section}\` lists them` : `did you mean ${meant}?`;
}
